//! YAML with positions.

/// A placeholder.
#[derive(Clone, Debug, PartialEq)]
pub struct Node;
