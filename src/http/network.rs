//! The one transport that really goes over the network.

use std::time::Duration;

use ureq::config::Config;
use ureq::http;
use ureq::tls::{RootCerts, TlsConfig};

use super::message::{Incoming, Method, Outgoing};
use super::transport::{Broken, Patience, Transport};
use super::web_url::WebUrl;

/// No answer that relman asks for comes near this size.
const MAX_BODY: u64 = 16 * 1024 * 1024;

/// HTTP through ureq: the system's roots or `SSL_CERT_FILE`, the environment's proxies, no redirects, time limits.
pub struct Network {
    agent: ureq::Agent,
}

impl Network {
    /// A transport to one server.
    pub fn new(web: &WebUrl, patience: &Patience) -> Self {
        // rustls reads the roots through rustls-native-certs, which honours SSL_CERT_FILE and SSL_CERT_DIR.
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(patience.connect))
            .timeout_global(Some(patience.request))
            .max_idle_age(Duration::from_secs(5))
            .tls_config(tls);
        // A proxy elsewhere would look for this machine's addresses on itself.
        let direct = web.is_loopback() || names_a_parent(&exceptions(), &web.host);
        let config = if direct { config.proxy(None) } else { config };
        Network { agent: config.build().new_agent() }
    }
}

impl Transport for Network {
    fn send(&self, request: &Outgoing) -> Result<Incoming, Broken> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Patch => http::Method::PATCH,
        };
        let mut builder = http::Request::builder().method(method).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(secret) = &request.authorization {
            let unusable = |_| Broken::Network("the token can't stand in a header".into());
            let mut value = http::HeaderValue::from_str(secret.expose()).map_err(unusable)?;
            value.set_sensitive(true);
            builder = builder.header(http::header::AUTHORIZATION, value);
        }
        let broken = |error: &dyn std::error::Error| Broken::Network(error.to_string());
        let response = match &request.body {
            Some(body) => builder.body(body.as_str()).map_err(|error| broken(&error)).map(|r| self.agent.run(r)),
            None => builder.body(()).map_err(|error| broken(&error)).map(|r| self.agent.run(r)),
        }?;
        let mut response = response.map_err(|error| Broken::Network(explain(&error)))?;
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_ascii_lowercase(), value.to_str().ok()?.to_owned())))
            .collect();
        let body = match response.body_mut().with_config().limit(MAX_BODY).read_to_vec() {
            Ok(body) => body,
            Err(ureq::Error::BodyExceedsLimit(_)) => return Err(Broken::TooLarge),
            Err(error) => return Err(Broken::Network(explain(&error))),
        };
        Ok(Incoming { status: response.status().as_u16(), headers, body })
    }
}

/// The hosts that the environment wants reached without a proxy.
fn exceptions() -> String {
    ["NO_PROXY", "no_proxy"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
}

/// Whether a list of hosts as in `NO_PROXY` names a domain that this host is in. For curl, and so for Git, a domain
/// stands for what is below it, with or without a dot in front; for ureq only with one. A push and a question to the
/// same server must take the same way.
fn names_a_parent(list: &str, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    list.split([',', ' ']).any(|entry| {
        let domain = entry.trim().trim_matches('.').to_ascii_lowercase();
        !domain.is_empty()
            && host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// What went wrong, in words that don't need ureq's source.
fn explain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "it does not answer in time".into(),
        ureq::Error::HostNotFound => "its name is not known".into(),
        ureq::Error::ConnectionFailed => "there is no connection".into(),
        ureq::Error::InvalidProxyUrl => "the proxy's URL in the environment can't be read".into(),
        // What a proxy sends may hold anything.
        ureq::Error::ConnectProxyFailed(_) => "the proxy refuses the connection".into(),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => "the connection was cut".into(),
        ureq::Error::Io(error) => crate::domain::text::safe(&error.to_string()).into_owned(),
        error => crate::domain::text::safe(&error.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_without_a_proxy_holds_what_is_below_it() {
        for (list, direct) in [
            ("", false),
            (",", false),
            ("other.com", false),
            ("ple.com", false),
            ("a.git.example.com", false),
            ("example.com", true),
            (".example.com", true),
            ("localhost, Example.COM", true),
            ("localhost git.example.com", true),
            ("example.com.", true),
        ] {
            assert_eq!(names_a_parent(list, "git.example.com"), direct, "{list}");
        }
    }
}
