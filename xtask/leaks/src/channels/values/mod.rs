//! Every public type that could hold a text, with canaries in it, in `Debug` and, if it has one, in `Display`.

mod configuration;
mod inbox;
mod messages;
mod server;
mod tokens;
mod transports;

use std::any::type_name;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{Debug, Display};

use anyhow::Result;
use secrecy::SecretString;

use super::{Stage, block_on};
use crate::canary::Secret;
use crate::capture::{Capture, debugged, displayed, told};
use crate::public_types;

/// Types that are not shown here, each with the reason.
const EXCEPTIONS: [(&str, &str); 4] = [
    ("weifen_sign::signature::Signature", "none is given out; the stamp that holds it shows it"),
    ("weifen_weiting::token::store::redis::fault::RedisCode", "only a Redis makes one; it is checked where it is made"),
    ("weifen_transport::testing::raw_server::Connection", "only a server makes one, and it shows its number"),
    ("weifen_transport::cassette::replay::ReplayError", "shows test data; of a live cassette `cassettes` shows it"),
];

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut shown = Shown::default();
    if stage.is_planted {
        /// The planted leak: a secret whose `Debug` is derived.
        #[derive(Debug)]
        struct Planted(#[expect(dead_code, reason = "it is shown")] String);
        shown.value(&Planted(Secret::WeitingSecret.value()));
        return Ok(shown.capture);
    }
    messages::requests(&mut shown)?;
    messages::answers(&mut shown)?;
    transports::show(&mut shown)?;
    tokens::show(&mut shown)?;
    configuration::show(&mut shown)?;
    block_on(inbox::show(&mut shown))?;
    block_on(server::show(&mut shown))?;
    let mut missing = public_types::all()?;
    missing.retain(|name| {
        !shown.names.contains(name.as_str()) && !EXCEPTIONS.iter().any(|(excepted, _)| excepted == name)
    });
    anyhow::ensure!(
        missing.is_empty(),
        "these public types are not shown in xtask/leaks/src/channels/values: {missing:#?}"
    );
    Ok(shown.capture)
}

/// The shown values, and the names of their types.
#[derive(Default)]
struct Shown {
    capture: Capture,
    names: BTreeSet<&'static str>,
}

impl Shown {
    fn value<T: Debug + ?Sized>(&mut self, value: &T) {
        self.add(type_name::<T>(), debugged(value));
    }

    fn text<T: Debug + Display + ?Sized>(&mut self, value: &T) {
        self.add(type_name::<T>(), displayed(value));
    }

    fn error<T: Error + 'static>(&mut self, error: &T) {
        self.add(type_name::<T>(), told(error));
    }

    fn add(&mut self, type_name: &'static str, text: String) {
        // Lifetimes are no part of a type's path.
        let name = type_name.split('<').next().unwrap_or_default();
        self.names.insert(name);
        self.capture.add(name, text);
    }
}

fn secret(secret: Secret) -> SecretString {
    SecretString::from(secret.value())
}
