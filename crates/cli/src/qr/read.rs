//! Reads the QR code in a PNG or JPEG image, within limits.

use std::io::Cursor;

use png::{ColorType, Transformations};
use rqrr::PreparedImage;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::QrError;

/// Cap on an image's sides, in pixels.
const LONGEST_SIDE: usize = 2048;
/// Cap on the memory for decoding a PNG, in bytes.
const MEMORY: usize = 64 << 20;

pub(super) fn content(image: &[u8]) -> Result<Vec<u8>, QrError> {
    let pixels = match image {
        [0x89, b'P', b'N', b'G', ..] => of_png(image).map_err(|error| QrError::Image(error.to_string()))?,
        [0xFF, 0xD8, 0xFF, ..] => of_jpeg(image).map_err(|error| QrError::Image(error.to_string()))?,
        _ => return Err(QrError::Image("the file is neither PNG nor JPEG".to_owned())),
    };
    code_in(&pixels).ok_or(QrError::NoCode)
}

/// A grey image, row by row.
struct Pixels {
    width: usize,
    height: usize,
    brightness: Vec<u8>,
}

fn of_png(image: &[u8]) -> Result<Pixels, png::DecodingError> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(image), png::Limits { bytes: MEMORY });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let size = reader.output_buffer_size().filter(|_| width.max(height) <= LONGEST_SIDE);
    let mut samples = vec![0; size.ok_or(png::DecodingError::LimitsExceeded)?];
    let frame = reader.next_frame(&mut samples)?;
    let brightness = match frame.color_type {
        ColorType::Grayscale | ColorType::Indexed => samples,
        ColorType::GrayscaleAlpha => samples.as_chunks().0.iter().map(|&[grey, alpha]| on_white(grey, alpha)).collect(),
        ColorType::Rgb => samples.as_chunks().0.iter().map(|&colour| grey(colour)).collect(),
        ColorType::Rgba => {
            samples.as_chunks().0.iter().map(|&[r, g, b, alpha]| on_white(grey([r, g, b]), alpha)).collect()
        }
    };
    Ok(Pixels { width, height, brightness })
}

fn of_jpeg(image: &[u8]) -> Result<Pixels, zune_jpeg::errors::DecodeErrors> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(LONGEST_SIDE)
        .set_max_height(LONGEST_SIDE)
        // The others become it, of CMYK on.
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(image), options);
    let samples = decoder.decode()?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    let brightness = samples.as_chunks().0.iter().map(|&colour| grey(colour)).collect();
    Ok(Pixels { width, height, brightness })
}

/// Brightness of a colour, as ITU-R BT.709 weighs it.
fn grey([red, green, blue]: [u8; 3]) -> u8 {
    let weighed = 2126 * u32::from(red) + 7152 * u32::from(green) + 722 * u32::from(blue);
    u8::try_from(weighed / 10_000).unwrap_or(u8::MAX)
}

/// Brightness of a pixel that shows the white page behind it.
fn on_white(grey: u8, alpha: u8) -> u8 {
    let (grey, alpha) = (u16::from(grey), u16::from(alpha));
    u8::try_from((grey * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
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
