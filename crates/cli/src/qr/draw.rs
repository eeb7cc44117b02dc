//! Draws a QR code in half blocks, two modules a character. Light modules are drawn, for a dark terminal.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use super::QrError;

/// Draws a code of this content, with the quiet zone that readers need.
///
/// # Errors
/// When the content is too long for a QR code.
pub(crate) fn draw(content: &[u8]) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(content, EcLevel::L);
    let code = code.map_err(|error| QrError::Draw(error.to_string()))?;
    let mut renderer = code.render::<Dense1x2>();
    renderer.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark);
    Ok(renderer.quiet_zone(true).build())
}
