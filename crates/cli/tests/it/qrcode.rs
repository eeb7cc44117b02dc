//! `weifen fensi qrcode` for people: the code is drawn as the image holds it, or the image's address must do.

use std::io::Cursor;
use std::time::{Duration, Instant};

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use qrcode::{Color, QrCode};

use crate::support::{Ended, Program, RawRequest, Reply, Sandboxed, Server, call};

const CONTENT: &str = "http://weixin.qq.com/q/02abcDEF_-123";
const CAPTION: &str = "The code can't be drawn here: ";

/// The picture of a code, four pixels a module.
fn picture(content: &str) -> GrayImage {
    let code = QrCode::new(content).unwrap();
    let side = u32::try_from(code.width() + 8).unwrap() * 4;
    GrayImage::from_fn(side, side, |x, y| {
        let at = |pixel: u32| (pixel as usize / 4).checked_sub(4).filter(|module| *module < code.width());
        match (at(x), at(y)) {
            (Some(x), Some(y)) if code[(x, y)] == Color::Dark => Luma([0]),
            _ => Luma([255]),
        }
    })
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Reads the drawing back: a character is two modules, a block is light.
fn content_of_drawing(text: &str) -> Option<String> {
    let rows: Vec<Vec<char>> =
        text.lines().take_while(|line| line.starts_with(['█', '▀'])).map(|line| line.chars().collect()).collect();
    let width = rows.first()?.len();
    let is_light = |x: usize, y: usize| match rows[y / 2].get(x) {
        Some('█') => true,
        Some('▀') => y.is_multiple_of(2),
        Some('▄') => !y.is_multiple_of(2),
        _ => false,
    };
    // The lower half of the last row is not part of the code.
    let height = rows.len() * 2 - 1;
    let pixel = |x: usize, y: usize| if is_light(x / 6, y / 6) { 255 } else { 0 };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width * 6, height * 6, pixel);
    let (_, content) = prepared.detect_grids().first()?.decode().ok()?;
    Some(content)
}

fn answer(url: &str, code: &str, expire: &str) -> Reply {
    Reply::json(format!(
        r#"{{"code":20000,"data":{{"bidding":"60","appid":"wx1","appname":"七彩东莞","code":{code},"expire":{expire},"qrcode_url":"{url}"}},"message":"ok"}}"#
    ))
}

/// Runs against a platform whose answer points to an image server that gives `image`; returns the run and the
/// requests.
fn shown(image: Reply) -> (Ended, Vec<RawRequest>) {
    let shown = shown_once(image.clone());
    // A busy machine may use up the time limit for reading it.
    if shown.0.stdout.contains("timed out after") { shown_once(image) } else { shown }
}

fn shown_once(image: Reply) -> (Ended, Vec<RawRequest>) {
    let images = Server::start(move |_| image.clone());
    let url = format!("{}/mmbiz/0?a=b", images.url());
    let platform = Server::start(move |_| answer(&url, "null", "120"));
    let ended = Program::at(&platform.url(), call("qrcode")).run();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains(&format!("{}/mmbiz/0?a=b", images.url())), "the address is shown: {ended:?}");
    (ended, images.requests())
}

fn image(bytes: Vec<u8>) -> Reply {
    Reply::with("200 OK", "content-type: application/octet-stream\r\n", bytes)
}

#[test]
fn the_drawing_holds_what_the_image_holds() {
    for content in [CONTENT, "七彩东莞", "0123456789", &"x".repeat(700)] {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let (ended, _) = shown(image(encoded(picture(content), format)));
            assert_eq!(content_of_drawing(&ended.stdout).as_deref(), Some(content), "{format:?}: {ended:?}");
        }
    }
}

#[test]
fn a_transparent_image_lies_on_white() {
    let picture = picture(CONTENT);
    let clear = RgbaImage::from_fn(picture.width(), picture.height(), |x, y| {
        Rgba([0, 0, 0, 255 - picture.get_pixel(x, y).0[0]])
    });
    let (ended, _) = shown(image(encoded(clear, ImageFormat::Png)));
    assert_eq!(content_of_drawing(&ended.stdout).as_deref(), Some(CONTENT));
}

#[test]
fn the_image_is_asked_for_without_anything_of_ours() {
    let (_, requests) = shown(image(encoded(picture(CONTENT), ImageFormat::Png)));
    assert_eq!(requests.len(), 1);
    assert!(requests[0].line.starts_with("GET /mmbiz/0?a=b "), "{}", requests[0].line);
    for name in ["authorization", "cookie", "referer", "content-type"] {
        assert_eq!(requests[0].header(name), None, "{name}");
    }
    let whole = format!("{} {:?}", requests[0].line, requests[0].headers);
    for ours in ["fs-appid", "fs-secret", "fs-key", "signature"] {
        assert!(!whole.contains(ours), "{whole}");
    }
}

#[test]
fn an_image_that_cannot_be_had_leaves_its_address_and_says_why() {
    let white = GrayImage::from_pixel(200, 200, Luma([255]));
    let wide = GrayImage::from_pixel(5000, 10, Luma([255]));
    let whole = encoded(picture(CONTENT), ImageFormat::Png);
    let cases = [
        (Reply::Close, "can't be fetched"),
        (Reply::with("404 Not Found", "", "no"), "HTTP 404"),
        (Reply::with("302 Found", "location: http://127.0.0.1:1/\r\n", ""), "redirect"),
        (Reply::with("200 OK", "", vec![0; (1 << 20) + 1]), "larger than 1048576 bytes"),
        (Reply::with("200 OK", "content-type: image/png\r\n", "<html>"), "neither PNG nor JPEG"),
        (Reply::with("200 OK", "", "GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "neither PNG nor JPEG"),
        (Reply::with("200 OK", "", ""), "neither PNG nor JPEG"),
        (image(whole[..whole.len() / 2].to_vec()), "can't be read"),
        (image(encoded(white, ImageFormat::Png)), "contains no readable QR code"),
        (image(encoded(wide, ImageFormat::Png)), "can't be read"),
    ];
    for (reply, why) in cases {
        let (ended, _) = shown(reply);
        let caption = ended.stdout.lines().find(|line| line.starts_with(CAPTION));
        assert!(caption.is_some_and(|caption| caption.contains(why)), "{why}: {ended:?}");
        assert_eq!(content_of_drawing(&ended.stdout), None, "the address is never drawn in its place");
        assert!(!ended.stdout.contains('█'), "{ended:?}");
    }
}

#[test]
fn an_address_that_is_not_fetched_is_shown_as_it_is() {
    for (url, why) in [
        ("ftp://127.0.0.1/x.png", "neither http nor https"),
        ("file:///etc/hostname", "neither http nor https"),
        ("no-url", "not a URL"),
        ("http://user:pw@127.0.0.1:1/x.png", "user name or a password"),
    ] {
        let platform = Server::start(move |_| answer(url, "null", "null"));
        let ended = Program::at(&platform.url(), call("qrcode")).run();
        assert_eq!(ended.code, 0);
        assert!(ended.stdout.contains(url) && ended.stdout.contains(why), "{ended:?}");
    }
}

#[test]
fn what_belongs_to_the_code_stands_below_it() {
    let images = Server::start(|_| image(encoded(picture(CONTENT), ImageFormat::Png)));
    let url = images.url();
    let platform = Server::start(move |_| answer(&url, r#""6688""#, r#""明天中午""#));
    let ended = Program::at(&platform.url(), call("qrcode")).run();
    for fact in ["七彩东莞 (wx1)", "60 fen (0.60 yuan)", "6688", "明天中午"] {
        assert!(ended.stdout.contains(fact), "{fact}: {ended:?}");
    }
    let (plain, _) = shown(image(encoded(picture(CONTENT), ImageFormat::Png)));
    assert!(plain.stdout.contains("none needed") && plain.stdout.contains("in 120 s"), "{plain:?}");
}

#[test]
fn a_sandboxes_code_is_drawn() {
    let sandbox = Sandboxed::start();
    let ended = sandbox.run(call("qrcode"));
    let content = content_of_drawing(&ended.stdout).unwrap();
    assert!(content.starts_with("http://weixin.qq.com/q/"), "{content}");
}

#[test]
fn an_image_that_keeps_the_reader_busy_costs_the_drawing_alone() {
    // Nothing but the marks by which a code's corners are found: their combinations take hours.
    let is_mark = |x: u32, y: u32| {
        x < 7 && y < 7 && {
            let ring = (x.abs_diff(3)).max(y.abs_diff(3));
            ring != 2
        }
    };
    let marks = GrayImage::from_fn(1024, 1024, |x, y| Luma([if is_mark(x % 9, y % 9) { 0 } else { 255 }]));
    let began = Instant::now();
    let (ended, _) = shown(image(encoded(marks, ImageFormat::Png)));
    // Hours are told from seconds, on however busy a machine.
    assert!(began.elapsed() < Duration::from_mins(2), "{:?}", began.elapsed());
    assert!(ended.stdout.contains(CAPTION) && ended.stdout.contains("timed out after 3 s"), "{ended:?}");
}
