//! JSON output of a list that may be larger than memory: one document, written page by page.

use std::process::ExitCode;

use serde::Serialize;

use super::{json, write, write_line};
use crate::failure::Failure;

/// Writes `{"NAME":[…]}` of all pages up to the first empty one, as a command's last output. A page begins after the
/// last item's `id`, at first 0. Nothing is written before the first page was read.
///
/// # Errors
/// When a page can't be read, or stdout can't be written to. The document then stays without its end.
pub(crate) async fn listing<T: Serialize>(
    name: &str,
    id: fn(&T) -> i64,
    mut page_behind: impl AsyncFnMut(i64) -> Result<Vec<T>, Failure>,
) -> Result<ExitCode, Failure> {
    let mut page = page_behind(0).await?;
    let mut text = format!("{{{}:[", json::document(&name)?);
    let mut comma = "";
    while let Some(last) = page.last().map(id) {
        for item in &page {
            text.push_str(comma);
            text.push_str(&json::document(item)?);
            comma = ",";
        }
        if !write(&[&text])? {
            return Ok(ExitCode::SUCCESS);
        }
        text.clear();
        page = page_behind(last).await.map_err(Failure::after_the_beginning)?;
    }
    text.push_str("]}");
    write_line(&text)?;
    Ok(ExitCode::SUCCESS)
}
