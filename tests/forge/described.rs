//! Requests, judged by the descriptions that the makers of the forges publish.
