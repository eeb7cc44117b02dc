//! Fuzz targets: each is a function that takes any bytes, and panics where a promise is broken.
//!
//! The tests replay the committed corpus (`corpus/TARGET/*`); the harness in xtask/fuzz searches for new inputs.

#![expect(clippy::missing_panics_doc, reason = "a panic is how every target says that a promise is broken")]

mod answer;
mod base_url;
mod callback;
mod canary;
mod cassette;
mod configuration;
mod push;
mod recording;
mod repetitions;
mod retry_after;
mod token_shelf;
mod unknown_field;

pub use answer::answer;
pub use base_url::base_url;
pub use callback::callback;
pub use cassette::cassette;
pub use configuration::configuration;
pub use push::push;
pub use recording::recording;
pub use repetitions::repetitions;
pub use retry_after::retry_after;
pub use token_shelf::token_shelf;

/// A function that takes any bytes, and panics where a promise is broken.
pub type Target = fn(&[u8]);

/// Every target with its name, which its function, its corpus and its program share.
pub const TARGETS: [(&str, Target); 10] = [
    ("answer", answer),
    ("base_url", base_url),
    ("callback", callback),
    ("cassette", cassette),
    ("configuration", configuration),
    ("push", push),
    ("recording", recording),
    ("repetitions", repetitions),
    ("retry_after", retry_after),
    ("token_shelf", token_shelf),
];
