//! Values that their constructors refuse; invalid bodies and files.

use std::error::Error;
use std::sync::Arc;

use anyhow::Result;
use secrecy::{SecretSlice, SecretString};
use weifen::fensi::{Fensi, Push};
use weifen::inbox::{PushSecrets, Webhook};
use weifen::proto::{Endpoint, NoAnswer};
use weifen::transport::cassette::Cassette;
use weifen::transport::{BaseUrl, Plaintext};
use weifen::weiting::{AuthorizeUrlRequest, Code, Mobile, OpenidByCodeRequest, Ticket};

use super::{Planted, add};
use crate::calls;
use crate::canary::planted;
use crate::capture::{Capture, debugged, displayed, told};

/// Adds the errors of values that constructors refuse.
pub(super) fn values(capture: &mut Capture) {
    for secret in planted() {
        let value = secret.value();
        // A host is no secret, and is shown.
        for value in
            [format!("{value} "), format!("{value}\n"), format!("http://h/{value}"), format!("{value}:{value}@h")]
        {
            for error in refusals(&value) {
                add(capture, "a value that is refused", &*error);
            }
        }
    }
}

fn refusals(value: &str) -> Vec<Box<dyn Error>> {
    let transport = || Arc::new(Planted);
    let secret = || SecretString::from(value.to_owned());
    let bytes = |bytes: &str| SecretSlice::from(bytes.as_bytes().to_vec());
    let base = |url: &str| error(BaseUrl::new(url, Plaintext::Refused));
    let callback = |url: &str| error(OpenidByCodeRequest::from_callback(url));
    let weiting = || calls::weiting("http://127.0.0.1:9", transport());
    let results = [
        error(value.parse::<Code>()),
        error(value.parse::<Ticket>()),
        error(value.parse::<Mobile>()),
        error(AuthorizeUrlRequest::new(value)),
        callback(value),
        callback(&format!("http://h/?code={value}&code={value}")),
        base(value),
        base(&format!("http://u:{value}@h")),
        base(&format!("http://h/?{value}")),
        error(PushSecrets::new([secret()])),
        error(Webhook::new(value, bytes(value), transport())),
        error(Webhook::new(&format!("http://u:{value}@h/"), bytes("x"), transport())),
        error(calls::weiting(value, transport()).build()),
        error(weiting().user_path(value).build()),
        error(Fensi::builder(value, secret()).key(value).transport(transport()).build()),
    ];
    results.into_iter().flatten().collect()
}

fn error<T, E: Error + 'static>(made: Result<T, E>) -> Option<Box<dyn Error>> {
    made.err().map(Into::into)
}

/// Adds the errors of bodies that are no answer and no push.
pub(super) fn answers(capture: &mut Capture) {
    for secret in planted() {
        let text = serde_json::json!(secret.value()).to_string();
        for body in [
            text.clone(),
            format!("{{{text}: {text}}}"),
            format!("{{\"status\": {text}, \"openid\": {text}}}"),
            format!("{{\"status\": 200, \"openid\": {{{text}: {text}}}"),
            format!("{{\"status\": 200, \"openid\": [{text}"),
            secret.value(),
            format!("{{\"key\": {text}, \"bidding\": {text}}}"),
            format!("{{\"key\": {text}, \"key\": {text}}}"),
            format!("{{\"status\":0,\"errMsg\":{text}"),
        ] {
            if let Err(NoAnswer::Undecodable(error)) = OpenidByCodeRequest::answer(body.as_bytes()) {
                capture.add("a body that is no answer", told(&error));
            }
            // A field's name, even an unknown one, is no value, and is shown.
            if body.starts_with("{\"status\": \"") || body.starts_with("{\"key\": \"") {
                for drift in OpenidByCodeRequest::DOCUMENTED
                    .drifts(body.as_bytes())
                    .into_iter()
                    .chain(Push::drifts(body.as_bytes()))
                {
                    capture.add("a drift", displayed(&drift));
                }
            }
            for parsed in [Push::parse(body.as_bytes()), Push::from_form(&body)] {
                capture.add("a push", parsed.map_or_else(|error| told(&error), |push| debugged(&push)));
            }
        }
    }
}

/// Adds the errors of invalid cassettes.
pub(super) fn cassettes(capture: &mut Capture) -> Result<()> {
    for secret in planted() {
        let text = serde_json::json!(secret.value()).to_string();
        for body in [
            text.clone(),
            format!("{{{text}: {text}}}"),
            format!("{{\"format\": {text}}}"),
            format!("{{\"made_by\": {text}, \"against\": {text}}}"),
            secret.value(),
        ] {
            let Err(error) = Cassette::parse("x.json".as_ref(), body.as_bytes()) else {
                anyhow::bail!("what is none is taken for a cassette")
            };
            add(capture, "a cassette that is none", &error);
        }
    }
    Ok(())
}
