//! `weifen inbox quarantine`: requests that are no push of ours, or can't be understood.

use std::process::ExitCode;

use weifen::Config;
use weifen::inbox::{Inbox, Quarantined};
use weifen_server::QuarantineRow;

use super::{SHOWN, and_more, opened};
use crate::failure::Failure;
use crate::output::{Output, listing, table, write_line};
use crate::times::at;

/// Number of characters of a body that people are shown.
const BEGINNING: usize = 60;

pub(super) async fn run(config: &Config, output: Output) -> Result<ExitCode, Failure> {
    opened::existing(config, async |inbox| match output {
        Output::Json => {
            let page = async |after| Ok(inbox.quarantined(after).await?.into_iter().map(QuarantineRow::from).collect());
            listing("quarantine", QuarantineRow::id, page).await
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
