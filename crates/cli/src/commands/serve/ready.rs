//! The report of a server that is ready.

use serde::Serialize;
use weifen::sandbox::Ready as Sandbox;
use weifen_server::Deliveries;

use super::Serving;
use super::first_look::{self, ApiAccess};
use crate::failure::Failure;
use crate::output::{Report, pairs};

#[derive(Serialize)]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_listen: Option<String>,
    admin_listen: String,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_look: Option<FirstLookDocument<'a>>,
}

#[derive(Serialize)]
struct FirstLookDocument<'a> {
    database: &'a str,
    sandbox: Sandbox,
    api: ApiAccess,
}

impl Serving {
    pub(super) fn ready(&self) -> Result<Report, Failure> {
        let document = Document {
            listen: self.running.push_address().map(|address| address.to_string()),
            api_listen: self.running.api_address().map(|address| address.to_string()),
            admin_listen: self.running.admin_address().to_string(),
            pid: std::process::id(),
            first_look: self.first_look.as_ref().zip(self.running.api_address()).map(|(first_look, address)| {
                let api = ApiAccess { url: format!("http://{address}"), key: first_look.api_key.clone() };
                FirstLookDocument { database: self.running.inbox().database(), sandbox: first_look.sandbox(), api }
            }),
        };
        let pushes = document.listen.as_ref().map(|address| format!("http://{address}/push/SECRET"));
        let api =
            document.api_listen.as_ref().map(|address| format!("http://{address}/v1/…, /v1/openapi.json lists all"));
        let facts = pairs([
            ("pushes", pushes.unwrap_or_else(|| "off: no serve.push_secret_file".to_owned())),
            ("API", api.unwrap_or_else(|| "off: no api.listen".to_owned())),
            ("health, metrics", format!("http://{}/healthz, /readyz, /metrics", document.admin_listen)),
            ("inbox", self.running.inbox().database().to_owned()),
            ("deliveries", deliveries(self.running.deliveries()).to_owned()),
        ]);
        let mut people = format!("Ready; Ctrl-C ends it.\n\n{facts}");
        if let Some(first_look) = &document.first_look {
            people.push_str(&first_look::what_to_do(&first_look.sandbox, first_look.database, &first_look.api));
        }
        Report::new(&document, people)
    }
}

fn deliveries(way: Deliveries) -> &'static str {
    match way {
        Deliveries::Handled | Deliveries::Posted => "on",
        Deliveries::Claimed => "by claims: POST /v1/deliveries/claim",
        _ => "off: no serve.deliver_url, and no caller of the API with the scope deliveries",
    }
}
