//! Values that are refused where they are made; bodies and files that are none.

use std::error::Error;
use std::sync::Arc;

use secrecy::{SecretSlice, SecretString};
use weifen::fensi::Push;
use weifen::inbox::{PushSecrets, Webhook};
use weifen::proto::{Endpoint, NoAnswer};
use weifen::transport::cassette::Cassette;
use weifen::transport::{BaseUrl, Plaintext};
use weifen::weiting::{AuthorizeUrl, Code, Mobile, OpenidByCode, Ticket};

use super::{Planted, add};
use crate::calls;
use crate::canary::PLANTED;
use crate::capture::{Capture, debugged, displayed, told};

/// Values that are refused where they are made.
pub(super) fn values(capture: &mut Capture) {
    let mut note = |error: &(dyn Error + 'static)| add(capture, "a value that is refused", error);
    for secret in PLANTED {
        let value = secret.value();
        // A host is no secret, and shown.
        for value in
            [format!("{value} "), format!("{value}\n"), format!("http://h/{value}"), format!("{value}:{value}@h")]
        {
            let mut errors: Vec<Box<dyn Error>> = Vec::new();
            errors.extend(value.parse::<Code>().err().map(Into::into));
            errors.extend(value.parse::<Ticket>().err().map(Into::into));
            errors.extend(value.parse::<Mobile>().err().map(Into::into));
            errors.extend(AuthorizeUrl::new(&value).err().map(Into::into));
            errors.extend(OpenidByCode::from_callback(&value).err().map(Into::into));
            errors.extend(
                OpenidByCode::from_callback(&format!("http://h/?code={value}&code={value}")).err().map(Into::into),
            );
            errors.extend(BaseUrl::new(&value, Plaintext::Refused).err().map(Into::into));
            errors.extend(BaseUrl::new(&format!("http://u:{value}@h"), Plaintext::Refused).err().map(Into::into));
            errors.extend(BaseUrl::new(&format!("http://h/?{value}"), Plaintext::Refused).err().map(Into::into));
            errors.extend(PushSecrets::new([SecretString::from(value.clone())]).err().map(Into::into));
            let transport = Arc::new(Planted);
            let key = SecretSlice::from(value.clone().into_bytes());
            errors.extend(Webhook::new(&value, key, transport.clone()).err().map(Into::into));
            let short = SecretSlice::from(b"x".to_vec());
            errors
                .extend(Webhook::new(&format!("http://u:{value}@h/"), short, transport.clone()).err().map(Into::into));
            errors.extend(calls::weiting(&value, transport.clone()).build().err().map(Into::into));
            errors.extend(
                calls::weiting("http://127.0.0.1:9", transport.clone()).user_path(&value).build().err().map(Into::into),
            );
            let weiting = weifen::weiting::Weiting::builder(&value, SecretString::from(value.clone()));
            errors.extend(weiting.transport(transport.clone()).build().err().map(Into::into));
            let fensi = weifen::fensi::Fensi::builder(&value, SecretString::from(value.clone()));
            errors.extend(fensi.key(&value).transport(transport).build().err().map(Into::into));
            for error in &errors {
                note(&**error);
            }
        }
    }
}

/// Bodies that are no answer and no push.
pub(super) fn answers(capture: &mut Capture) {
    for secret in PLANTED {
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
            capture.driven += 1;
            if let Err(NoAnswer::Undecodable(error)) = OpenidByCode::answer(body.as_bytes()) {
                capture.add("a body that is no answer", told(&error));
            }
            // A field's name that a person may have given is no value, and shown.
            if body.starts_with("{\"status\": \"") || body.starts_with("{\"key\": \"") {
                for drift in
                    OpenidByCode::DOCUMENTED.drifts(body.as_bytes()).into_iter().chain(Push::drifts(body.as_bytes()))
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

/// Cassettes that are none.
pub(super) fn cassettes(capture: &mut Capture) {
    for secret in PLANTED {
        let text = serde_json::json!(secret.value()).to_string();
        for body in [
            text.clone(),
            format!("{{{text}: {text}}}"),
            format!("{{\"format\": {text}}}"),
            format!("{{\"made_by\": {text}, \"against\": {text}}}"),
            secret.value(),
        ] {
            match Cassette::parse("x.json".as_ref(), body.as_bytes()) {
                Ok(cassette) => capture.add("a cassette", debugged(&cassette)),
                Err(error) => add(capture, "a cassette that is none", &error),
            }
        }
    }
}
