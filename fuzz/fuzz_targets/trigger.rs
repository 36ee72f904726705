//! Bodies from strangers: whatever they hold, `relman trigger` understands them, ignores them or refuses them.
//!
//! What stands before the first line break is a header, the rest is the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use relman::domain::trigger::signature::{Secret, check};
use relman::domain::trigger::{Headers, Heard, understand};

fuzz_target!(|data: &[u8]| {
    let cut = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let header = String::from_utf8_lossy(&data[..cut]);
    let headers = Headers::parse([header.as_ref()]).unwrap_or_default();
    let body = &data[cut..];
    if let Some(secret) = Secret::new(b"secret".to_vec()) {
        // Nobody who does not know the secret can sign: a header that fits has the word itself in it, or is a signature.
        let proven = check(&secret, &headers, body).is_ok();
        assert!(!proven || header.len() >= "secret".len());
    }
    if let Ok(Heard::Orders(orders)) = understand(body, &headers) {
        assert!(!orders.is_empty());
        for order in orders {
            let texts = [&order.change.request, &order.change.item, &order.change.description, &order.actor];
            for text in texts.into_iter().flatten().chain([&order.id]) {
                // Each becomes a trailer of a commit: it must not end it, nor begin another one.
                assert_eq!(text.lines().count(), 1, "{text:?}");
                assert!(!text.chars().any(char::is_control), "{text:?}");
            }
        }
    }
});
