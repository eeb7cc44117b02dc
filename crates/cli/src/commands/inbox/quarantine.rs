//! `weifen inbox quarantine`: requests that are no push of ours, or can't be understood.

use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use weifen::Config;
use weifen::inbox::{Inbox, Quarantined};

use super::{SHOWN, and_more, opened};
use crate::failure::Failure;
use crate::output::{Output, listing, table, write_line};
use crate::times::at;

/// Number of characters of a body that people are shown.
const BEGINNING: usize = 60;

#[derive(Serialize)]
struct Row {
    id: i64,
    received_at: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(flatten)]
    raw: Raw,
}

/// The body, byte for byte.
#[derive(Serialize)]
enum Raw {
    #[serde(rename = "raw")]
    Text(String),
    /// A body that is not UTF-8.
    #[serde(rename = "raw_base64")]
    Base64(String),
}

impl TryFrom<Quarantined> for Row {
    type Error = Failure;

    fn try_from(strange: Quarantined) -> Result<Self, Failure> {
        let raw = match String::from_utf8(strange.raw) {
            Ok(text) => Raw::Text(text),
            Err(error) => Raw::Base64(STANDARD.encode(error.as_bytes())),
        };
        Ok(Self {
            id: strange.id,
            received_at: at(strange.received_at)?,
            reason: strange.reason,
            content_type: strange.content_type,
            raw,
        })
    }
}

pub(super) async fn run(config: &Config, output: Output) -> Result<ExitCode, Failure> {
    opened::existing(config, async |inbox| match output {
        Output::Json => {
            let page = async |after| inbox.quarantined(after).await?.into_iter().map(Row::try_from).collect();
            listing("quarantine", |row: &Row| row.id, page).await
        }
        Output::People(_) => newest(inbox).await,
    })
    .await
}

async fn newest(inbox: &Inbox) -> Result<ExitCode, Failure> {
    let newest = inbox.newest_quarantined(SHOWN).await?;
    let more = and_more(inbox.stats().await?.quarantined, newest.len());
    let rows: Vec<_> = newest.iter().map(cells).collect::<Result<_, _>>()?;
    write_line(&format!("{}{more}", table(["id", "received_at", "reason", "begins with"], rows)))?;
    Ok(ExitCode::SUCCESS)
}

fn cells(strange: &Quarantined) -> Result<[String; 4], Failure> {
    let text = String::from_utf8_lossy(&strange.raw);
    let mut beginning: String = text.chars().take(BEGINNING).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    Ok([strange.id.to_string(), at(strange.received_at)?, strange.reason.clone(), beginning])
}
