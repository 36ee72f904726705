//! Where the token for Jira comes from.

use std::path::Path;

use super::Result;
use super::error::{Error, fixes};
use super::site::Site;
use crate::http::{Login, Token};

/// The places that may hold a token.
pub struct Places<'a> {
    /// Reads an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a file.
    pub file: &'a dyn Fn(&Path) -> std::io::Result<String>,
}

/// Looks for a token; fails where there is none, where Jira must not get one, or where it can't be used.
///
/// With `RELMAN_JIRA_EMAIL`, or in the form `user:token`, it goes with a name, as Jira Cloud wants it.
pub fn find_login(site: &Site, places: &Places<'_>) -> Result<Login> {
    site.may_get_token()?;
    let set = |name: &str| (places.variable)(name).filter(|value| !value.trim().is_empty());
    let (place, text) = match (set("RELMAN_JIRA_TOKEN"), set("RELMAN_JIRA_TOKEN_FILE")) {
        (Some(text), _) => ("RELMAN_JIRA_TOKEN".to_owned(), text),
        (None, Some(path)) => {
            let place = format!("RELMAN_JIRA_TOKEN_FILE ({path})");
            match (places.file)(Path::new(&path)) {
                Ok(text) => (place, text),
                Err(error) => {
                    let fix = "name a file that holds the token and nothing else".into();
                    return Err(Error::TokenUnusable { place, why: error.to_string(), fix });
                }
            }
        }
        (None, None) => return Err(Error::NoToken { host: site.web.authority() }),
    };
    let unusable = |why: &str| Error::TokenUnusable {
        place: place.clone(),
        why: why.into(),
        fix: fixes().into_iter().next().unwrap_or_default(),
    };
    let token =
        |text: &str| Token::new(text).ok_or_else(|| unusable("it is empty, or holds characters that no token has"));
    let user = set("RELMAN_JIRA_EMAIL").map(|email| email.trim().to_owned());
    match (user, text.trim().split_once(':')) {
        (Some(user), _) => Ok(Login::Basic { user, secret: token(&text)? }),
        (None, Some((user, secret))) if !user.is_empty() => {
            Ok(Login::Basic { user: user.into(), secret: token(secret)? })
        }
        (None, _) if site.is_cloud() && site.web.host != "api.atlassian.com" => {
            Err(unusable("Jira Cloud wants the e-mail address that it belongs to, and RELMAN_JIRA_EMAIL is not set"))
        }
        (None, _) => Ok(Login::Token(token(&text)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::error::{Exit, Explain as _};
    use crate::jira::site::{Clues, locate};

    fn header(url: &str, variables: &[(&str, &str)]) -> Result<String> {
        let site = locate(&Clues { variable: Some(url), ..Clues::default() })?;
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let file = |path: &Path| match path.to_str() {
            Some("/run/token") => Ok("from-file\n".to_owned()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        };
        let login = find_login(&site, &Places { variable: &find, file: &file })?;
        Ok(login.header("Bearer").expose().to_owned())
    }

    #[test]
    fn each_jira_gets_what_it_understands() {
        let data_center = "https://jira.example.com";
        let cloud = "https://acme.atlassian.net";
        let token = ("RELMAN_JIRA_TOKEN", "secret");
        assert_eq!(header(data_center, &[token]).expect("a login"), "Bearer secret");
        let file = ("RELMAN_JIRA_TOKEN_FILE", "/run/token");
        assert_eq!(header(data_center, &[("RELMAN_JIRA_TOKEN", " "), file]).expect("a login"), "Bearer from-file");
        let basic = "Basic bWVAZXhhbXBsZS5jb206c2VjcmV0";
        assert_eq!(header(cloud, &[token, ("RELMAN_JIRA_EMAIL", "me@example.com")]).expect("a login"), basic);
        assert_eq!(header(cloud, &[("RELMAN_JIRA_TOKEN", "me@example.com:secret")]).expect("a login"), basic);
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = header("https://jira.example.com", &[]).expect_err("refused");
        assert_eq!((error.exit(), error.code()), (Exit::Unauthorised, "no-token"));
        let error = header("https://acme.atlassian.net", &[("RELMAN_JIRA_TOKEN", "secret")]).expect_err("refused");
        assert!(error.to_string().contains("RELMAN_JIRA_EMAIL") && !error.to_string().contains("secret"), "{error}");
        let error = header("https://jira.example.com", &[("RELMAN_JIRA_TOKEN_FILE", "/none")]).expect_err("refused");
        assert!(error.to_string().contains("/none"), "{error}");
        assert!(header("https://jira.example.com", &[("RELMAN_JIRA_TOKEN", "a\nb")]).is_err());
    }
}
