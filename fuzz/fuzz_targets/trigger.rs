//! Bodies from strangers: whatever they hold, `relman trigger` understands them, ignores them or refuses them.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

#[path = "../claims.rs"]
mod claims;

fuzz_target!(|data: &[u8]| -> Corpus {
    claims::hold(data);
    Corpus::Keep
});
