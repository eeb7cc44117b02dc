//! `GET /qrcode/N.png`: the PNG that a `qrcode_url` points to. Anyone may fetch it.

use http::StatusCode;
use qrcode::{Color, QrCode};

use crate::{
    operation::Operation,
    sequence,
    vendor::Vendor,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

/// Pixels of a module's side.
const MODULE: usize = 8;
/// Modules of white around the code, as its standard asks for.
const MARGIN: usize = 4;

pub(crate) static OPERATION: Operation = Operation::page(Vendor::Fensi, "qrcode_image", "/qrcode/{image}", answer);

pub(super) fn url(public_url: &str, n: u64) -> String {
    format!("{public_url}/qrcode/{n}.png")
}

fn answer(world: &mut World, call: &Call) -> Result<Reply, Reply> {
    let number = call.path.strip_prefix("/qrcode/").and_then(|file| file.strip_suffix(".png"));
    let number = number.and_then(|number| number.parse::<u64>().ok());
    let Some(number) = number.filter(|number| (1..=world.fensi.qrcodes_issued).contains(number)) else {
        return Err(Reply::error(StatusCode::NOT_FOUND, "the sandbox has no such QR code"));
    };
    // What WeChat's own codes of official accounts hold.
    let content = format!("http://weixin.qq.com/q/02{}", &sequence::hex("qrcode", number)[..20]);
    png(&content).map(Reply::png).map_err(|reason| {
        Reply::error(StatusCode::INTERNAL_SERVER_ERROR, format!("the image could not be created: {reason}"))
    })
}

fn png(content: &str) -> Result<Vec<u8>, String> {
    let code = QrCode::new(content).map_err(|error| error.to_string())?;
    let side = (code.width() + 2 * MARGIN) * MODULE;
    let pixel = |at: usize| {
        let module = |pixel: usize| (pixel / MODULE).checked_sub(MARGIN).filter(|module| *module < code.width());
        match (module(at % side), module(at / side)) {
            (Some(x), Some(y)) if code[(x, y)] == Color::Dark => 0,
            _ => u8::MAX,
        }
    };
    let pixels: Vec<u8> = (0..side * side).map(pixel).collect();
    encode(side, &pixels).map_err(|error| error.to_string())
}

fn encode(side: usize, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let side = u32::try_from(side).map_err(|_| png::EncodingError::LimitsExceeded)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}
