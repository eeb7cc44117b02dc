//! `weifen sign`: the signature of a stamp.

use secrecy::ExposeSecret;
use serde::Serialize;
use weifen::sign::Stamp;

use crate::arguments::SignArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, pairs};

#[derive(Serialize)]
struct Signed<'a> {
    timestamp: u64,
    nonce: &'a str,
    signature: &'a str,
}

pub(crate) fn run(arguments: SignArguments, clients: &Clients) -> Result<Report, Failure> {
    let timestamp = timestamp(&arguments.timestamp)?;
    let secret = clients.config().fensi.app_secret()?;
    let stamp = Stamp::new(timestamp, arguments.nonce).sign(secret.expose_secret());
    let signed = Signed { timestamp: stamp.timestamp(), nonce: stamp.nonce(), signature: stamp.signature() };
    let people = pairs([
        ("timestamp", signed.timestamp.to_string()),
        ("nonce", signed.nonce.to_owned()),
        ("signature", signed.signature.to_owned()),
    ]);
    Report::new(&signed, people)
}

/// Parses the timestamp. It is signed as given, so `007` is refused.
fn timestamp(given: &str) -> Result<u64, Failure> {
    let number: Option<u64> = given.parse().ok();
    number
        .filter(|number| number.to_string() == given)
        .ok_or_else(|| Failure::usage("--timestamp: expected seconds since 1970, in digits, with no zero before them"))
}
