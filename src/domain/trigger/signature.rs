//! Whether a body comes from somebody who knows the secret: by a signature over it, or by the secret itself.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::Headers;
use crate::domain::error::{Exit, Explain};

/// Headers that hold `sha256=` and the signature: GitHub, Bitbucket and Jira sign in this way.
const SIGNED: [&str; 2] = ["X-Hub-Signature-256", "X-Hub-Signature"];

/// Headers that hold the signature alone.
const BARE: [&str; 3] = ["X-Gitea-Signature", "X-Forgejo-Signature", "X-Gogs-Signature"];

/// Headers that hold the secret itself: GitLab, and senders that sign nothing and can set a header.
const PLAIN: [&str; 2] = ["X-Gitlab-Token", "X-Relman-Token"];

/// What sender and receiver both know. It can't be printed, and does not stay in memory.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes what a file holds, without the line break at its end; `None` where nothing is left, for an empty secret
    /// would be known to everybody.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes);
        let end = bytes.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r'))? + 1;
        Some(Secret(Zeroizing::new(bytes[..end].to_vec())))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A body that nobody has vouched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// No header proves anything.
    #[error("no header proves who sent the body")]
    Missing,
    /// A header proves that the sender does not know the secret.
    #[error("the header {0} does not fit the secret and the body")]
    Wrong(&'static str),
}

impl Explain for Unproven {
    fn code(&self) -> &'static str {
        match self {
            Unproven::Missing => "signature-missing",
            Unproven::Wrong(_) => "signature-wrong",
        }
    }
    fn exit(&self) -> Exit {
        Exit::Unauthorised
    }
    fn hints(&self) -> Vec<String> {
        match self {
            Unproven::Missing => vec![
                "pass the header on: --header \"X-Hub-Signature-256: …\"; X-Gitlab-Token or X-Relman-Token, which hold the secret, by --header @FILE"
                    .into(),
            ],
            Unproven::Wrong(_) => vec![
                "sender and --secret-file must have the same secret, and the body must be passed on byte for byte".into(),
            ],
        }
    }
}

/// Checks every header that could prove something; at least one must, and none may fail. How long it takes tells
/// nothing about the secret.
pub fn check(secret: &Secret, headers: &Headers, body: &[u8]) -> Result<(), Unproven> {
    let secret: &[u8] = &secret.0;
    let mut proven = false;
    let mut note = |name: &'static str, fits: bool| {
        proven |= fits;
        if fits { Ok(()) } else { Err(Unproven::Wrong(name)) }
    };
    for name in SIGNED {
        for value in headers.all(name) {
            match value.split_once('=') {
                Some((method, hex)) if method.eq_ignore_ascii_case("sha256") => note(name, signs(secret, body, hex))?,
                // Another method may stand beside the one that counts; by itself it proves nothing.
                _ => {}
            }
        }
    }
    for name in BARE {
        for value in headers.all(name) {
            note(name, signs(secret, body, value))?;
        }
    }
    for name in PLAIN {
        for value in headers.all(name) {
            // Of hashes, so that the length of the secret does not show either.
            note(name, Sha256::digest(value.as_bytes()).ct_eq(&Sha256::digest(secret)).into())?;
        }
    }
    if proven { Ok(()) } else { Err(Unproven::Missing) }
}

/// Whether this is the signature of a body, in hexadecimal digits.
fn signs(secret: &[u8], body: &[u8], hex: &str) -> bool {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let Some(digits) = digits.filter(|digits| digits.len() == 64) else { return false };
    let signature: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    // Any length makes a key.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody\n";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn checked(lines: &[&str]) -> Result<(), Unproven> {
        let secret = Secret::new(SECRET.into()).expect("a secret");
        check(&secret, &Headers::parse(lines.iter().copied()).expect("headers"), BODY)
    }

    #[test]
    fn each_way_to_prove_is_known() {
        for line in [
            format!("X-Hub-Signature-256: sha256={SIGNATURE}"),
            format!("x-hub-signature: SHA256={}", SIGNATURE.to_uppercase()),
            format!("X-Gitea-Signature: {SIGNATURE}"),
            "X-Gitlab-Token: It's a Secret to Everybody".into(),
            "X-Relman-Token: It's a Secret to Everybody".into(),
        ] {
            assert_eq!(checked(&[&line]), Ok(()), "{line}");
        }
        // GitHub sends both.
        assert_eq!(
            checked(&["X-Hub-Signature: sha1=01dc", &format!("X-Hub-Signature-256: sha256={SIGNATURE}")]),
            Ok(())
        );
    }

    #[test]
    fn nothing_is_no_secret_and_none_is_printed() {
        assert!(Secret::new(Vec::new()).is_none() && Secret::new(b"\r\n".to_vec()).is_none());
        assert_eq!(format!("{:?}", Secret::new(b"x".to_vec())), "Some(Secret(…))");
    }

    #[test]
    fn what_is_wrong_or_missing_proves_nothing() {
        assert_eq!(checked(&[]), Err(Unproven::Missing));
        assert_eq!(
            checked(&["X-Hub-Signature: sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"]),
            Err(Unproven::Missing)
        );
        let off = format!("X-Hub-Signature-256: sha256={}", SIGNATURE.replace('7', "8"));
        for line in [
            off.as_str(),
            "X-Hub-Signature-256: sha256=",
            "X-Hub-Signature-256: sha256=zz",
            "X-Gitea-Signature: 7571",
            "X-Gitlab-Token:",
            "X-Gitlab-Token: It's a Secret to Everybod",
            "X-Relman-Token: x",
        ] {
            assert!(matches!(checked(&[line]), Err(Unproven::Wrong(_))), "{line}");
        }
        // One that fits does not make up for one that does not.
        assert!(checked(&[&format!("X-Hub-Signature-256: sha256={SIGNATURE}"), "X-Gitlab-Token: x"]).is_err());
    }
}
