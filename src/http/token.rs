//! Secrets, in a type that can't be printed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A token or a password: it has no `Display`, no `Serialize`, and its `Debug` hides it.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Takes a text as a secret, without the blanks and line ends around it; `None` where nothing is left, or where it
    /// holds what can't stand in a header.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = Zeroizing::new(text.into());
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.chars().any(|c| c.is_control() || !c.is_ascii()) {
            return None;
        }
        Some(Token(Zeroizing::new(trimmed.to_owned())))
    }

    /// The secret itself, for a header or a child's standard input and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text without the secret, should a server have sent it back.
    pub fn redact(&self, text: &str) -> String {
        // A very short secret would tear holes into any text, and is none.
        if self.0.len() < 4 { text.to_owned() } else { text.replace(self.0.as_str(), "…") }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// How a request shows who is asking.
#[derive(Clone, Debug)]
pub enum Login {
    /// A token by itself.
    Token(Token),
    /// A user or an e-mail address, and a password or a token.
    Basic {
        /// The user's name or e-mail address.
        user: String,
        /// The password, or a token in its place.
        secret: Token,
    },
}

impl Login {
    /// The secret part.
    pub fn secret(&self) -> &Token {
        match self {
            Login::Token(token) | Login::Basic { secret: token, .. } => token,
        }
    }

    /// The forms that the secret goes over the wire in: as it is, and with the user's name in base64.
    pub fn forms(&self) -> Vec<Token> {
        let encoded = self.header("").expose().split_once(' ').and_then(|(_, value)| Token::new(value));
        [Some(self.secret().clone()), encoded].into_iter().flatten().collect()
    }

    /// The value of an `Authorization` header; a bare token is announced with `scheme`.
    pub fn header(&self, scheme: &str) -> Token {
        match self {
            Login::Token(token) => Token(Zeroizing::new(format!("{scheme} {}", token.expose()))),
            Login::Basic { user, secret } => {
                let pair = Zeroizing::new(format!("{user}:{}", secret.expose()));
                Token(Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes()))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown() {
        let token = Token::new(" abc-secret\n").expect("a token");
        assert_eq!(token.expose(), "abc-secret");
        assert_eq!(format!("{token:?} {:?}", Login::Token(token.clone())), "Token(…) Token(Token(…))");
        assert_eq!(token.redact("bad token abc-secret!"), "bad token …!");
        for empty in ["", " \n", "a\nb", "a\rb", "ä"] {
            assert!(Token::new(empty).is_none(), "{empty:?}");
        }
    }

    #[test]
    fn headers_follow_the_login() {
        let token = Token::new("secret").expect("a token");
        assert_eq!(Login::Token(token.clone()).header("Bearer").expose(), "Bearer secret");
        let basic = Login::Basic { user: "me@example.com".into(), secret: token };
        assert_eq!(basic.header("Bearer").expose(), "Basic bWVAZXhhbXBsZS5jb206c2VjcmV0");
        let forms: Vec<_> = basic.forms().iter().map(|form| form.expose().to_owned()).collect();
        assert_eq!(forms, ["secret", "bWVAZXhhbXBsZS5jb206c2VjcmV0"]);
    }
}
