//! What goes over the wire, and what comes back.

use std::fmt;

use serde_json::Value;

use super::token::Token;

/// The verb of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
}

impl Method {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        }
    }
}

/// A request to an API, without its host and without a login.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// The path below the API's own, encoded, with a slash at its beginning.
    pub path: String,
    /// The query, not encoded.
    pub query: Vec<(&'static str, String)>,
    /// The body, as JSON.
    pub body: Option<Value>,
    /// The body as the fields of a form, where there is no other; not encoded.
    pub form: Vec<(String, String)>,
    /// Whether doing it twice would show, so that it is not repeated where it may have been done.
    pub once: bool,
}

impl Request {
    /// A request without a query and a body.
    pub fn new(method: Method, path: String) -> Self {
        Request { method, path, query: Vec::new(), body: None, form: Vec::new(), once: false }
    }

    /// A request that reads.
    pub fn get(path: String) -> Self {
        Request::new(Method::Get, path)
    }

    /// The same with one more pair in its query.
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// A request that writes.
    pub fn post(path: String) -> Self {
        Request::new(Method::Post, path)
    }

    /// The same with a body.
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The same, which is not to be done twice.
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// The same with the fields of a form as its body.
    pub fn form(mut self, fields: Vec<(String, String)>) -> Self {
        self.form = fields;
        self
    }
}

/// A request as it goes over the wire.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The verb.
    pub method: Method,
    /// The whole URL; there is never a secret in it.
    pub url: String,
    /// The headers that anybody may read.
    pub headers: Vec<(&'static str, String)>,
    /// The value of `Authorization`.
    pub authorization: Option<Token>,
    /// The body, encoded as `Content-Type` says.
    pub body: Option<String>,
}

/// What came back.
#[derive(Clone, Default)]
pub struct Incoming {
    /// The status.
    pub status: u16,
    /// The headers that matter, by their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Incoming {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A server may send anything back, the token too.
        write!(f, "Incoming({}, {} bytes)", self.status, self.body.len())
    }
}
