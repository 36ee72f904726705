//! Logging the `git` program in where relman has a token: by a credential helper in the environment of its children,
//! never in a URL, an argument or a file.

use std::ffi::OsString;
use std::sync::OnceLock;

/// The variables that every child gets from now on.
static LOGIN: OnceLock<Vec<(String, OsString)>> = OnceLock::new();

/// What the helper prints when Git asks it; what Git wants to have stored or erased is passed over.
const HELPER: &str =
    r#"!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$RELMAN_GIT_USER" "$RELMAN_GIT_SECRET"; }; f"#;

/// Lends a login to all children for one host, given by the beginning of its URLs. The first one counts.
///
/// Helpers that were configured for that host are left out: the token was given for this run.
pub fn lend(web: &str, user: &str, secret: &str) {
    let count = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    LOGIN.get_or_init(|| variables(count, web, user, secret));
}

fn variables(count: usize, web: &str, user: &str, secret: &str) -> Vec<(String, OsString)> {
    let key = format!("credential.{web}.helper");
    vec![
        ("GIT_CONFIG_COUNT".into(), (count + 2).to_string().into()),
        // An empty helper forgets those that were named before it.
        (format!("GIT_CONFIG_KEY_{count}"), key.clone().into()),
        (format!("GIT_CONFIG_VALUE_{count}"), OsString::new()),
        (format!("GIT_CONFIG_KEY_{}", count + 1), key.into()),
        (format!("GIT_CONFIG_VALUE_{}", count + 1), HELPER.into()),
        ("RELMAN_GIT_USER".into(), user.into()),
        ("RELMAN_GIT_SECRET".into(), secret.into()),
    ]
}

/// The variables for a child.
pub(super) fn lent() -> impl Iterator<Item = &'static (String, OsString)> {
    LOGIN.get().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_has_configured_so_stays() {
        let variables = variables(3, "https://git.example.com", "me", "s3cret");
        let value = |name: &str| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        assert_eq!(value("GIT_CONFIG_COUNT"), Some("5".into()));
        assert_eq!(value("GIT_CONFIG_KEY_3"), Some("credential.https://git.example.com.helper".into()));
        assert_eq!(value("GIT_CONFIG_VALUE_3"), Some(OsString::new()));
        assert_eq!(value("GIT_CONFIG_VALUE_4"), Some(HELPER.into()));
        assert!(!HELPER.contains("s3cret"));
    }
}
