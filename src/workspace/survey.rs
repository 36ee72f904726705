//! What `check` looks at: release files, branches, clones, tags.
