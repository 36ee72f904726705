//! What is sent, what is tried again, and what an answer means before anybody looks at it.

use std::fmt;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Result;
use super::error::Error;
use super::message::{Incoming, Method, Outgoing, Request};
use super::percent;
use super::token::Login;
use super::transport::{Broken, Patience, Transport};
use super::web_url::WebUrl;

/// An answer that whoever asked has to make sense of: a success, or a 4xx with a body of its own.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body; null where it is empty.
    pub body: Value,
    /// Whether there is a next page, as a `Link` header says it.
    pub has_next: Option<bool>,
    /// Where what was created can be found, as a `Location` header says it.
    pub location: Option<String>,
}

/// The API of one service, with a login.
pub struct Api {
    /// The name of the service that is expected there, for people.
    pub service: &'static str,
    /// Where the paths of requests begin, without a slash at its end.
    pub base: String,
    /// The host, as messages name it.
    pub host: String,
    /// Who is asking.
    pub login: Option<Login>,
    /// The word before a bare token: `Bearer` or `token`.
    pub scheme: &'static str,
    /// Headers of every request.
    pub headers: Vec<(&'static str, &'static str)>,
    /// What carries the requests.
    pub transport: Box<dyn Transport>,
    /// How long to wait, and how often to try.
    pub patience: Patience,
    /// What to type where access is refused.
    pub fixes: Vec<String>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Api({} at {})", self.service, self.base)
    }
}

impl Api {
    /// Sends a request, again where that is safe and may help, and sorts out what nobody needs to look at.
    ///
    /// `doing` is what the request is for, as in "list the pull requests".
    pub fn call(&self, request: &Request, doing: &str) -> Result<Answer> {
        let started = Instant::now();
        let mut attempt = 1;
        loop {
            let outcome = self.transport.send(&self.outgoing(request));
            match self.wait(request, &outcome, attempt) {
                Some(pause)
                    if attempt < self.patience.attempts && started.elapsed() + pause <= self.patience.waiting =>
                {
                    std::thread::sleep(pause);
                    attempt += 1;
                }
                _ => return self.judge(outcome, doing),
            }
        }
    }

    /// Like [`Api::call`], where everything but a success is an error.
    pub fn fetch(&self, request: &Request, doing: &str) -> Result<Answer> {
        self.success(self.call(request, doing)?, doing)
    }

    /// An answer, where it is a success; else what it means.
    pub fn success(&self, answer: Answer, doing: &str) -> Result<Answer> {
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(self.rejected(&answer, doing)) }
    }

    /// Sends a request once, and returns the status of the answer, whatever it is. A redirect is not followed.
    pub fn status(&self, request: &Request) -> Result<u16> {
        match self.transport.send(&self.outgoing(request)) {
            Ok(incoming) => Ok(incoming.status),
            Err(broken) => self.judge(Err(broken), "answer").map(|answer| answer.status),
        }
    }

    /// Reads what is no JSON, such as a log. One redirect is followed, and gets no login: logs lie in a storage elsewhere.
    pub fn text(&self, request: &Request, doing: &str) -> Result<String> {
        let outgoing = self.outgoing(request);
        let mut outcome = self.transport.send(&outgoing);
        if let Some(url) = outcome.as_ref().ok().and_then(|incoming| self.elsewhere(incoming)) {
            let headers = outgoing.headers.into_iter().filter(|(name, _)| *name == "User-Agent").collect();
            let next = Outgoing { method: Method::Get, url, headers, authorization: None, body: None };
            outcome = self.transport.send(&next);
        }
        match outcome {
            Ok(incoming) if (200..300).contains(&incoming.status) => {
                Ok(self.without_token(&String::from_utf8_lossy(&incoming.body)))
            }
            outcome => {
                let answer = self.judge(outcome, doing)?;
                Err(self.rejected(&answer, doing))
            }
        }
    }

    /// The address that an answer points to, if it may be asked: encrypted, or on this machine where the API is.
    fn elsewhere(&self, incoming: &Incoming) -> Option<String> {
        let place = incoming.header("location").filter(|_| (300..400).contains(&incoming.status))?;
        let here = |url: &str| {
            WebUrl::parse(url.split(['?', '#']).next().unwrap_or_default()).is_ok_and(|web| web.is_loopback())
        };
        (place.starts_with("https://") || here(place) && here(&self.base)).then(|| place.to_owned())
    }

    /// Reads a body as what it should be.
    pub fn read<T: serde::de::DeserializeOwned>(&self, body: Value, doing: &str) -> Result<T> {
        serde_json::from_value(body).map_err(|error| self.garbled(doing, error.to_string()))
    }

    /// The error for an answer that is no API's.
    pub fn garbled(&self, doing: &str, why: impl Into<String>) -> Error {
        Error::Garbled {
            host: self.host.clone(),
            doing: doing.into(),
            service: self.service,
            why: self.redact(&why.into()),
        }
    }

    /// The error for what is not there, in the service's own words.
    pub fn not_found(&self, doing: &str, said: String) -> Error {
        Error::NotFound { host: self.host.clone(), doing: doing.into(), said }
    }

    /// The error for a 4xx that means nothing special.
    pub fn rejected(&self, answer: &Answer, doing: &str) -> Error {
        let said = self.said(answer);
        match answer.status {
            404 | 410 => self.not_found(doing, said),
            status => Error::Rejected { host: self.host.clone(), doing: doing.into(), status, said },
        }
    }

    /// What the server said, in whatever shape, in one line without the token.
    pub fn said(&self, answer: &Answer) -> String {
        self.redact(&words(&answer.body))
    }

    /// A text without the token, and then not too long: cut first, a part of the token could stay.
    fn redact(&self, text: &str) -> String {
        self.without_token(text).chars().take(500).collect()
    }

    fn without_token(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in self.login.iter().flat_map(Login::forms) {
            text = form.redact(&text);
        }
        text
    }

    fn outgoing(&self, request: &Request) -> Outgoing {
        let mut headers = vec![
            ("User-Agent", concat!("relman/", env!("CARGO_PKG_VERSION")).to_owned()),
            ("Accept", "application/json".to_owned()),
        ];
        for (name, value) in &self.headers {
            headers.retain(|(other, _)| other != name);
            headers.push((name, (*value).to_owned()));
        }
        let body = match &request.body {
            Some(json) => Some(("application/json", json.to_string())),
            None if request.form.is_empty() => None,
            None => Some(("application/x-www-form-urlencoded", percent::pairs(&request.form))),
        };
        if let Some((kind, _)) = body {
            headers.push(("Content-Type", kind.to_owned()));
        }
        Outgoing {
            method: request.method,
            url: format!("{}{}{}", self.base, request.path, percent::query(&request.query)),
            headers,
            authorization: self.login.as_ref().map(|login| login.header(self.scheme)),
            body: body.map(|(_, text)| text),
        }
    }

    /// How long to wait before the next attempt; `None` where there should be none.
    ///
    /// A request that only reads may be repeated after anything that passes. One that writes is repeated only where
    /// the server says when to come back, for then it did not do it; unless that was a server in between, which can't know.
    fn wait(
        &self,
        request: &Request,
        outcome: &std::result::Result<Incoming, Broken>,
        attempt: u32,
    ) -> Option<Duration> {
        let usual = self.patience.pause * 2u32.saturating_pow(attempt - 1);
        match outcome {
            Err(Broken::Network(_)) => (request.method == Method::Get).then_some(usual),
            Err(Broken::TooLarge) => None,
            Ok(incoming) if request.once && incoming.status != 429 => None,
            Ok(incoming) if matches!(incoming.status, 429 | 502 | 503) => match retry_after(incoming) {
                Some(seconds) => Some(Duration::from_secs(seconds)),
                None => (request.method == Method::Get).then_some(usual),
            },
            Ok(_) => None,
        }
    }

    fn judge(&self, outcome: std::result::Result<Incoming, Broken>, doing: &str) -> Result<Answer> {
        let host = self.host.clone();
        let unreachable = |why: String| Error::Unreachable { host: host.clone(), why: self.redact(&why) };
        let incoming = match outcome {
            Ok(incoming) => incoming,
            Err(Broken::Network(why)) => return Err(unreachable(why)),
            Err(Broken::TooLarge) => return Err(self.garbled(doing, "it is too large")),
        };
        let parsed = parse(&incoming);
        let page = || title(&incoming).map(|title| self.redact(&title)).unwrap_or_default();
        let said = || parsed.as_ref().map_or_else(|_| page(), |body| self.redact(&words(body)));
        let refused = |said: String, known: bool| Error::Unauthorised {
            host: host.clone(),
            doing: doing.into(),
            said,
            known,
            fixes: self.fixes.clone().into(),
        };
        match incoming.status {
            // No API of these sends one here; Bitbucket answers a failed login so, with a page that looks like success.
            status @ 300..=399 => match incoming.header("location").filter(|place| !looks_like_login(place, status)) {
                Some(place) => {
                    let place = place.split(['?', '#']).next().unwrap_or_default();
                    Err(self.garbled(doing, format!("it points to {place}, which relman does not follow")))
                }
                None => Err(refused("it sends us to its login page".into(), false)),
            },
            // GitHub's second limit is told in words alone.
            403 if is_rate_limit(&incoming) || said().to_ascii_lowercase().contains("rate limit") => {
                Err(Error::RateLimited { host, wait: retry_after(&incoming) })
            }
            status @ (401 | 403 | 407) => Err(refused(said(), status == 403)),
            429 => Err(Error::RateLimited { host, wait: retry_after(&incoming) }),
            500.. => Err(unreachable(match said() {
                said if said.is_empty() => format!("it answered with status {}", incoming.status),
                said => format!("it answered with status {}: {said}", incoming.status),
            })),
            status => match parsed {
                Ok(body) => Ok(Answer {
                    status,
                    body,
                    has_next: incoming.header("link").map(|link| link.contains("rel=\"next\"")),
                    location: incoming.header("location").map(str::to_owned),
                }),
                // A 404 of a server in between is a page; it still says that there is nothing. Jenkins and servers in
                // between say in the title of a page what they refuse.
                Err(why) if status >= 400 => match title(&incoming) {
                    None if status != 404 => Err(self.garbled(doing, why)),
                    title => {
                        let body = title.map_or(Value::Null, Value::String);
                        Ok(Answer { status, body, has_next: None, location: None })
                    }
                },
                Err(why) => Err(self.garbled(doing, why)),
            },
        }
    }
}

/// The body as JSON, or what is wrong with it.
fn parse(incoming: &Incoming) -> std::result::Result<Value, String> {
    let start = incoming.body.iter().position(|b| !b.is_ascii_whitespace()).map_or(&[][..], |at| &incoming.body[at..]);
    if start.is_empty() {
        return Ok(Value::Null);
    }
    if start.starts_with(b"<") || incoming.header("content-type").is_some_and(|kind| kind.contains("html")) {
        return Err("it is a page for people".into());
    }
    serde_json::from_slice(start).map_err(|error| format!("it can't be read as JSON ({error})"))
}

/// The title of a page.
fn title(incoming: &Incoming) -> Option<String> {
    let page = String::from_utf8_lossy(&incoming.body);
    let (_, rest) = page.split_once("<title>")?;
    let (title, _) = rest.split_once("</title>")?;
    let title = crate::domain::text::safe(title.trim()).into_owned();
    (!title.is_empty()).then_some(title)
}

fn retry_after(incoming: &Incoming) -> Option<u64> {
    incoming.header("retry-after").and_then(|value| value.trim().parse().ok())
}

fn is_rate_limit(incoming: &Incoming) -> bool {
    incoming.header("x-ratelimit-remaining").is_some_and(|left| left.trim() == "0") || retry_after(incoming).is_some()
}

/// A temporary redirect on an API leads to a login, whatever its address, unless it only wants another scheme or host.
fn looks_like_login(place: &str, status: u16) -> bool {
    let lower = place.to_ascii_lowercase();
    let named = ["login", "signin", "sign_in", "sso", "saml", "oauth"].iter().any(|word| lower.contains(word));
    named || (matches!(status, 302 | 303) && !lower.contains("/rest/") && !lower.contains("/api/"))
}

/// The sentences in the error of any of these services.
fn words(body: &Value) -> String {
    let mut found = Vec::new();
    collect(body, 0, &mut found);
    crate::domain::text::safe(&found.join("; ")).into_owned()
}

fn collect(body: &Value, depth: usize, found: &mut Vec<String>) {
    let mut add = |text: &str| {
        if !text.trim().is_empty() && found.len() < 6 && !found.iter().any(|known| known == text) {
            found.push(text.trim().to_owned());
        }
    };
    match body {
        Value::String(text) => add(text),
        Value::Array(items) if depth < 4 => items.iter().for_each(|item| collect(item, depth + 1, found)),
        Value::Object(map) if depth < 4 => {
            const KEYS: [&str; 6] = ["message", "error", "errors", "error_description", "detail", "fields"];
            let named: Vec<&Value> = KEYS.iter().filter_map(|key| map.get(*key)).collect();
            // GitLab names the field as the key: {"message":{"title":["is too long"]}}.
            if named.is_empty() && depth > 0 {
                for (key, value) in map.iter().filter(|(key, _)| !matches!(key.as_str(), "code" | "resource" | "field"))
                {
                    let mut inner = Vec::new();
                    collect(value, depth + 1, &mut inner);
                    inner.iter().for_each(|text| found.push(format!("{key}: {text}")));
                }
            }
            named.into_iter().for_each(|value| collect(value, depth + 1, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
