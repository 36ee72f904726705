//! Settings that come from the environment.

use std::path::PathBuf;
use std::time::Duration;

/// The folder for relman's own clones: `RELMAN_CACHE_DIR`, else `relman` below the user's cache folder
/// (`XDG_CACHE_HOME`, `~/.cache`); `None` where there is no home either. A relative `RELMAN_CACHE_DIR` begins at the
/// folder that one stands in.
pub fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // A relative path in XDG_CACHE_HOME is to be ignored, says the XDG base directory specification.
    let cache = || set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let own = set("RELMAN_CACHE_DIR").map(|path| std::path::absolute(&path).unwrap_or(path));
    own.or_else(|| cache().or_else(home).map(|folder| folder.join("relman")))
}

/// For how long a promotion or a deployment waits for Jira: `RELMAN_JIRA_TIMEOUT` in seconds, else a minute.
pub fn jira_limit() -> Duration {
    let seconds = std::env::var("RELMAN_JIRA_TIMEOUT").ok().and_then(|text| text.trim().parse().ok());
    Duration::from_secs(seconds.filter(|seconds| *seconds > 0).unwrap_or(60))
}
