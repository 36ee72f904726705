//! Bodies that real forges sent.
