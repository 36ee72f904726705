//! Conversations with services over HTTP, the same for forges, engines and issue trackers.
//!
//! In reading order: [`web_url`] is where a service is, [`token`] is a secret that can't be printed, [`message`] what goes
//! over the wire. [`api`] decides what is tried again, and what an answer means before anybody looks at it: a redirect, a
//! login page, a rate limit. [`transport`] is what carries a request, and [`network`] the one that really does, the only
//! file that knows ureq. Nothing here knows which service it talks to: whoever asks says its name.

pub mod api;
pub mod error;
pub mod message;
pub mod network;
pub mod paging;
pub mod percent;
pub mod token;
pub mod transport;
pub mod web_url;

pub use api::{Answer, Api};
pub use error::Error;
pub use message::{Incoming, Method, Outgoing, Request};
pub use network::Network;
pub use paging::pages;
pub use token::{Login, Token};
pub use transport::{Broken, Patience, Transport};
pub use web_url::WebUrl;

/// What a conversation with a service comes to.
pub type Result<T> = std::result::Result<T, Error>;
