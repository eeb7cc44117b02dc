//! The pages of the admin port, which monitoring reads.

use std::fmt::Write;

use anyhow::Result;

use super::inbox_site::InboxSite;
use super::{Stage, block_on};
use crate::canary::Secret;
use crate::capture::Capture;

const PAGES: [&str; 5] = ["/healthz", "/readyz", "/metrics", "/", "/push/"];

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    block_on(pages(stage))
}

async fn pages(stage: Stage) -> Result<Capture> {
    let site = InboxSite::open().await?;
    let mut capture = Capture::default();
    if !stage.is_planted {
        site.live(&mut capture).await?;
    }
    for page in PAGES {
        let mut text = site.page(page).await?;
        if stage.is_planted && page == "/metrics" {
            // The planted leak: a label that names the follower.
            _ = writeln!(text, "follows{{nickname={:?}}} 1", Secret::PushName.value());
        }
        anyhow::ensure!(page != "/metrics" || text.contains("weifen_inbox_pending"), "no metrics: {text}");
        capture.add(page, text);
    }
    Ok(capture)
}
