//! The text of a token file: the shelf and a format number.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::fault::FileFault;
use crate::token::store::shelf::Shelf;

/// The format that is written, and the only one that is read.
const FORMAT: u64 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u64,
    #[serde(flatten)]
    shelf: &'a Shelf,
}

/// The part that all formats have in common.
#[derive(Deserialize)]
struct Head {
    format: u64,
}

pub(super) fn encode(path: &Path, shelf: &Shelf) -> Result<Vec<u8>, FileFault> {
    let document = Document { format: FORMAT, shelf };
    let mut text = serde_json::to_vec_pretty(&document).map_err(|error| FileFault::io(path, error.into()))?;
    text.push(b'\n');
    Ok(text)
}

pub(super) fn decode(path: &Path, text: &[u8]) -> Result<Shelf, FileFault> {
    // The decoder's message is left out: it can quote the token.
    let damaged = |error: serde_json::Error| FileFault::Damaged {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
    };
    let Head { format } = serde_json::from_slice(text).map_err(damaged)?;
    if format != FORMAT {
        return Err(FileFault::UnknownFormat { path: path.to_owned(), found: format, known: FORMAT });
    }
    serde_json::from_slice(text).map_err(damaged)
}
