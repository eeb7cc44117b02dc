//! Values that their constructors refuse; invalid bodies and files.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use anyhow::Result;
use secrecy::{SecretSlice, SecretString};
use weifen::fensi::Push;
use weifen::inbox::{PushSecrets, Webhook};
use weifen::proto::{Endpoint, NoAnswer};
use weifen::transport::cassette::Cassette;
use weifen::transport::{BaseUrl, Plaintext};
use weifen::weiting::{AuthorizeUrlRequest, Code, Mobile, OpenidByCodeRequest, Ticket};

use super::{Planted, add};
use crate::calls;
use crate::canary::planted;
use crate::capture::{Capture, debugged, displayed, told};

/// Adds the errors of values that constructors refuse, each under the constructor's name.
pub(super) fn values(capture: &mut Capture) -> Result<()> {
    let mut refused = BTreeMap::new();
    for secret in planted() {
        let value = secret.value();
        // A host is no secret, and is shown.
        for value in
            [format!("{value} "), format!("{value}\n"), format!("http://h/{value}"), format!("{value}:{value}@h")]
        {
            for (by, error) in refusals(&value) {
                let count: &mut usize = refused.entry(by).or_default();
                if let Some(error) = error {
                    *count += 1;
                    add(capture, "a value that is refused", &*error);
                }
            }
        }
    }
    let nothing: Vec<_> = refused.iter().filter(|(_, count)| **count == 0).map(|(by, _)| by).collect();
    anyhow::ensure!(nothing.is_empty() && !refused.is_empty(), "nothing is refused by {nothing:?}");
    Ok(())
}

fn refusals(value: &str) -> Vec<(&'static str, Option<Box<dyn Error>>)> {
    let transport = || Arc::new(Planted);
    let secret = || SecretString::from(value.to_owned());
    let bytes = |bytes: &str| SecretSlice::from(bytes.as_bytes().to_vec());
    let base = |url: &str| error(BaseUrl::new(url, Plaintext::Refused));
    let callback = |url: &str| error(OpenidByCodeRequest::from_callback(url));
    let weiting = || calls::weiting("http://127.0.0.1:9", transport());
    vec![
        ("a code", error(value.parse::<Code>())),
        ("a ticket", error(value.parse::<Ticket>())),
        ("a mobile number", error(value.parse::<Mobile>())),
        ("a state", error(AuthorizeUrlRequest::new(value))),
        ("a callback", callback(value)),
        ("a callback, twice", callback(&format!("http://h/?code={value}&code={value}"))),
        ("a base URL", base(value)),
        ("a base URL's user", base(&format!("http://u:{value}@h"))),
        ("a base URL's query", base(&format!("http://h/?{value}"))),
        ("a push secret", error(PushSecrets::new([secret()]))),
        ("a webhook", error(Webhook::new(value, bytes(value), transport()))),
        ("a webhook's user", error(Webhook::new(&format!("http://u:{value}@h/"), bytes("x"), transport()))),
        ("weiting's base URL", error(calls::weiting(value, transport()).build())),
        ("weiting's user path", error(weiting().user_path(value).build())),
        (
            "fensi's appid",
            error(weifen::fensi::Fensi::builder(value, secret()).key(value).transport(transport()).build()),
        ),
    ]
}

fn error<T, E: Error + 'static>(made: Result<T, E>) -> Option<Box<dyn Error>> {
    made.err().map(Into::into)
}

/// Adds the errors of bodies that are no answer and no push.
pub(super) fn answers(capture: &mut Capture) -> Result<()> {
    let mut came = BTreeMap::from([("no answers", 0), ("drifts", 0), ("no pushes", 0)]);
    let mut count = |what| *came.entry(what).or_default() += 1;
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
                count("no answers");
                capture.add("a body that is no answer", told(&error));
            }
            // A field's name, even an unknown one, is no value, and is shown.
            if body.starts_with("{\"status\": \"") || body.starts_with("{\"key\": \"") {
                for drift in OpenidByCodeRequest::DOCUMENTED
                    .drifts(body.as_bytes())
                    .into_iter()
                    .chain(Push::drifts(body.as_bytes()))
                {
                    count("drifts");
                    capture.add("a drift", displayed(&drift));
                }
            }
            for parsed in [Push::parse(body.as_bytes()), Push::from_form(&body)] {
                if parsed.is_err() {
                    count("no pushes");
                }
                capture.add("a push", parsed.map_or_else(|error| told(&error), |push| debugged(&push)));
            }
        }
    }
    anyhow::ensure!(came.values().all(|count: &usize| *count >= planted().len()), "too little came: {came:?}");
    Ok(())
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
