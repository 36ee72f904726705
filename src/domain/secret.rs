//! Telling a secret from the name of one.

/// What the tokens of well-known services begin with.
const PREFIXES: [&str; 29] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "glptt-",
    "gldt-",
    "glrt-",
    "glcbt-",
    "glsoat-",
    "gloas-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxs-",
    "xapp-",
    "sk_live_",
    "sk_test_",
    "sk-",
    "rk_live_",
    "npm_",
    "pypi-",
    "dckr_pat_",
    "hvs.",
    "ATATT3",
    "ATBB",
    "SG.",
];

/// Words before a colon that say where a secret is kept.
const STORES: [&str; 22] = [
    "vault",
    "ssm",
    "env",
    "file",
    "secret",
    "secrets",
    "aws",
    "gcp",
    "azure",
    "sops",
    "keyvault",
    "op",
    "k8s",
    "kubernetes",
    "jenkins",
    "credential",
    "credentials",
    "secretsmanager",
    "doppler",
    "bitwarden",
    "github",
    "gitlab",
];

/// Whether a text looks like a secret itself, and not like the name of one.
///
/// It is a guess, for a warning. Nobody may print the text after it said yes.
pub fn looks_like_secret(text: &str) -> bool {
    let text = text.trim();
    // `${…}`, `$(…)` and `{{…}}` are references that something else fills in.
    if text.starts_with('$') || text.starts_with("{{") {
        return false;
    }
    text.contains("-----BEGIN")
        || text.contains('\n')
        || has_known_prefix(text)
        || is_jwt(text)
        || is_aws_key(text)
        || holds_password(text)
        || (text.len() >= 32 && is_hex(text))
        || text.split(['-', '_', '.', ':', '#', '@', ' ']).any(is_random)
}

fn has_known_prefix(text: &str) -> bool {
    PREFIXES.iter().filter_map(|prefix| text.strip_prefix(prefix)).any(|rest| {
        rest.len() >= 16
            && !rest.contains([' ', '/'])
            && rest.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    })
}

/// Three parts in base64, of which the first is a JSON object.
fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ") && text.len() >= 20 && text.contains('.') && !text.contains([' ', '/'])
}

/// `AKIA` or `ASIA` and sixteen capitals and digits, or a Google API key.
fn is_aws_key(text: &str) -> bool {
    let aws = text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    aws || (text.len() == 39 && text.starts_with("AIza"))
}

/// `user:password`, a URL with a password, `password=…`, or marks that names do not have.
fn holds_password(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if ["password=", "passwd=", "pwd=", "accountkey=", "sharedaccesskey=", "token="]
        .iter()
        .any(|key| lower.contains(key))
    {
        return true;
    }
    if let Some((_, rest)) = text.split_once("://") {
        let authority = rest.split('/').next().unwrap_or_default();
        return authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    }
    if text.contains(char::is_whitespace) {
        return false;
    }
    let mixed = text.bytes().any(|b| b.is_ascii_alphabetic()) && text.bytes().any(|b| b.is_ascii_digit());
    if text.len() >= 8 && mixed && text.contains(['!', '^', '*', '$', '%']) {
        return true;
    }
    match text.split_once(':') {
        None => false,
        Some((user, password)) => {
            let plain = !text.contains(['/', '#']) && !password.contains(':');
            let numbered = password == "latest" || password.bytes().all(|b| b.is_ascii_digit());
            plain && !user.is_empty() && !numbered && !STORES.contains(&user.to_ascii_lowercase().as_str())
        }
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit()) && text.bytes().any(|b| b.is_ascii_digit())
}

/// A long run of letters and digits that nobody would pronounce.
fn is_random(text: &str) -> bool {
    if text.len() < 20 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')) {
        return false;
    }
    let any = |class: fn(&u8) -> bool| text.bytes().any(|b| class(&b));
    if !any(u8::is_ascii_uppercase) || !any(u8::is_ascii_lowercase) || !any(u8::is_ascii_digit) {
        return false;
    }
    let class = |b: u8| (b.is_ascii_uppercase(), b.is_ascii_lowercase(), b.is_ascii_digit());
    let changes = text.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    let vowel = |c: char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u');
    let unspoken = text.split(|c: char| vowel(c) || !c.is_ascii_alphabetic()).map(str::len).max().unwrap_or(0);
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).count();
    changes * 10 >= text.len() * 3 && (unspoken >= 5 || numbers >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_their_names() {
        let jwt = format!("eyJhbGciOiJIUzI1NiJ9.{}.{}", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N");
        // The examples are put together here, so that no scanner takes this file for a leak.
        for secret in [
            jwt,
            format!("ghp_{}", "16C7e42F292c6912E7710c838347Ae178B4a"),
            format!("github_pat_{}", "11AAAAAAA0aaaaaaaaaaaa_bbbbbbbbb"),
            format!("glpat-{}", "x9Yz8Wv7Ut6Sr5Qp4Onm"),
            format!("AKIA{}", "IOSFODNN7EXAMPLE"),
            format!("wJalrXUtnFEMI/{}", "K7MDENG/bPxRfiCYEXAMPLEKEY"),
            format!("xoxb-{}", "1234567890-abcdefABCDEF"),
            format!("-----BEGIN {}-----\nMIIE", "RSA PRIVATE KEY"),
            format!("-----BEGIN {}-----", "OPENSSH PRIVATE KEY"),
            "deployer:hunter2".to_owned(),
            "admin:S3cr3t".to_owned(),
            "https://bob:hunter2@git.example.com/x".to_owned(),
            "Server=db;Password=hunter2;".to_owned(),
            "Tr0ub4dor&3!".to_owned(),
            "0123456789abcdef0123456789abcdef01234567".to_owned(),
            "q8Zt3vXk1LmNp7RwYs5B".to_owned(),
            "Zk9pQ2xvdWRUb2tlbjEyMzQ1Njc4OTAxMjM0NTY=".to_owned(),
            "two\nlines".to_owned(),
        ] {
            assert!(looks_like_secret(&secret), "{secret}");
        }
        for name in [
            "prod-eu-deployer",
            "PROD_EU_DEPLOYER",
            "prodEuDeployerAccount2Key",
            "productionEuCentral1DeployerServiceAccountKey",
            "vault/kv/prod#token",
            "vault:kv/prod",
            "ssm:prod-deployer",
            "prod-deployer:3",
            "prod-deployer:latest",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod-AbCdEf",
            "projects/123456/secrets/prod-deployer/versions/latest",
            "https://vault.example.com/v1/kv/prod",
            "op://Deploy/prod-eu/token",
            "550e8400-e29b-41d4-a716-446655440000",
            "deploy.prod.eu",
            "${{ secrets.PROD_DEPLOYER }}",
            "$PROD_DEPLOYER",
            "{{ vault.prod }}",
            "sk-prod",
            "npm_publish_token_of_team",
            "a",
            "",
            "Prod deployer of team 7",
        ] {
            assert!(!looks_like_secret(name), "{name}");
        }
    }
}
