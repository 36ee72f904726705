//! What `relman init` writes.
