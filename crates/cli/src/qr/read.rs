//! Reads the QR code in a PNG or JPEG image, within limits.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use rqrr::PreparedImage;

use super::QrError;

/// Cap on an image's sides, in pixels.
const LONGEST_SIDE: u32 = 2048;
/// Cap on the memory for decoding, in bytes.
const MEMORY: u64 = 64 << 20;

pub(super) fn content(image: &[u8]) -> Result<Vec<u8>, QrError> {
    let pixels = decode(image)?;
    code_in(&pixels).ok_or(QrError::NoCode)
}

/// A grey image, row by row.
struct Pixels {
    width: usize,
    height: usize,
    brightness: Vec<u8>,
}

fn decode(image: &[u8]) -> Result<Pixels, QrError> {
    let failed = |why: &str| QrError::Image(why.to_owned());
    let mut reader =
        ImageReader::new(Cursor::new(image)).with_guessed_format().map_err(|_| failed("it is cut short"))?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err(failed("it is neither PNG nor JPEG"));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let image = reader.decode().map_err(|error| QrError::Image(error.to_string()))?;
    Ok(on_white(&image))
}

/// Puts an image on white, as transparent parts show the page behind.
fn on_white(image: &DynamicImage) -> Pixels {
    let image = image.to_luma_alpha8();
    let blend = |[luma, alpha]: [u8; 2]| {
        let (luma, alpha) = (u16::from(luma), u16::from(alpha));
        u8::try_from((luma * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let (width, height) = image.dimensions();
    Pixels {
        width: width as usize,
        height: height as usize,
        brightness: image.pixels().map(|pixel| blend(pixel.0)).collect(),
    }
}

/// The content of the first code that can be read.
fn code_in(pixels: &Pixels) -> Option<Vec<u8>> {
    let at = |x: usize, y: usize| pixels.brightness[y * pixels.width + x];
    let mut prepared = PreparedImage::prepare_from_greyscale(pixels.width, pixels.height, at);
    prepared.detect_grids().into_iter().find_map(|grid| {
        let mut content = Vec::new();
        grid.decode_to(&mut content).ok()?;
        (!content.is_empty()).then_some(content)
    })
}
