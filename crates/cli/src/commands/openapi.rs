//! `weifen openapi`: the document of the HTTP API, for generators of clients.

use crate::arguments::{OpenapiArguments, OpenapiVersion};
use crate::failure::Failure;
use crate::output::Report;

/// # Errors
/// When the document can't be written, which is a bug of weifen.
pub(crate) fn run(arguments: &OpenapiArguments) -> Result<Report, Failure> {
    let document = match arguments.version {
        OpenapiVersion::V3_1 => weifen_server::openapi(),
        OpenapiVersion::V3_0 => weifen_server::openapi_3_0(),
    };
    Report::new(&document, format!("{document:#}"))
}
