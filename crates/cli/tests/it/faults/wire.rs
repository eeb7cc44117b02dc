//! Faults below the body: time, the connection, the head, lengths, compression.

use std::io::Write;
use std::time::Duration;

use flate2::{Compress, Compression, FlushCompress, write::GzEncoder};

use super::fault::{Ends, Fault, reply};
use super::operations::Operation;
use super::script::Step;

const HTML: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
const UNTIL_CLOSED: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";

pub(super) fn faults(operation: &Operation) -> Vec<Fault> {
    let answer = operation.answer().to_string();
    let right = reply("200 OK", "", &answer);
    let mut faults = slow(&answer, &right);
    faults.extend(statuses(&answer));
    faults.extend(cut(&answer, &right));
    faults.extend(lengths(&answer));
    faults.extend(compressed(&answer));
    faults.extend(heads(&answer, &right));
    faults
}

fn slow(answer: &str, right: &[u8]) -> Vec<Fault> {
    let pause = |ms| Step::Pause(Duration::from_millis(ms));
    let drip = |bytes: &[u8]| Step::Drip(bytes.into());
    let endless = |bytes: &[u8]| Step::EndlessDrip(bytes.into());
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", answer.len());
    vec![
        Fault::new("delay, longer than the time-out", Ends::NoReply, [Step::Read, Step::Hang]).lasting(),
        Fault::new("delay, shorter than the time-out", Ends::Answered, [Step::Read, pause(300), Step::send(right)]),
        Fault::new("nothing is read", Ends::NoReply, [Step::Peek, pause(2500)]).lasting(),
        Fault::new("drip", Ends::NoReply, [Step::Read, drip(right)]).lasting(),
        Fault::new("drip of the body", Ends::NoReply, [Step::Read, Step::send(&head), drip(&right[..40])]).lasting(),
        Fault::new("head and no body", Ends::NoReply, [Step::Read, Step::send(&head), Step::Hang]).lasting(),
        Fault::new(
            "endless drip of a header",
            Ends::NoReply,
            [Step::Read, Step::send("HTTP/1.1 200 OK\r\nx: "), endless(b"x")],
        )
        .lasting(),
        Fault::new(
            "endless drip of headers",
            Ends::NoReply,
            [Step::Read, Step::send("HTTP/1.1 200 OK\r\n"), endless(b"x-a: b\r\n")],
        )
        .lasting(),
        Fault::new("endless drip of a body", Ends::NoReply, [Step::Read, Step::send(UNTIL_CLOSED), endless(b"{")])
            .lasting(),
        Fault::new("endless drip of chunks", Ends::NoReply, [Step::Read, Step::send(CHUNKED), endless(b"1\r\n \r\n")])
            .lasting(),
        Fault::new("endless drip of 1xx", Ends::NoReply, [Step::Read, endless(b"HTTP/1.1 100 Continue\r\n\r\n")])
            .lasting(),
    ]
}

fn statuses(answer: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for status in ["404 Not Found", "500 Internal Server Error", "503 Service Unavailable"] {
        faults.push(Fault::bytes(format!("{status} with an answer"), Ends::Answered, reply(status, "", answer)));
        faults.push(Fault::bytes(format!("{status} with HTML"), Ends::NoAnswer, reply(status, "", HTML)));
    }
    let later = reply("503 Busy", "retry-after: 3600\r\n", HTML);
    let tomorrow = reply("429 Slow", "retry-after: Thu, 06 Nov 2594 08:49:37 GMT\r\n", HTML);
    faults.extend([
        Fault::bytes("503 with nothing", Ends::NoAnswer, reply("503 Service Unavailable", "", "")),
        Fault::bytes("503, back in an hour", Ends::NeverAnAnswer, later),
        Fault::bytes("429, back in centuries", Ends::NeverAnAnswer, tomorrow),
        Fault::bytes("503, back at once", Ends::NoAnswer, reply("503 Busy", "retry-after: 0\r\n", HTML)),
        Fault::bytes("204", Ends::NoAnswer, "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"),
        Fault::bytes("304", Ends::NoAnswer, "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n"),
        Fault::bytes("a status beyond all", Ends::Answered, reply("999 ?", "", answer)),
        Fault::bytes("html", Ends::NoAnswer, reply("200 OK", "content-type: text/html\r\n", HTML)),
        Fault::bytes("empty", Ends::NoAnswer, reply("200 OK", "", "")),
    ]);
    faults
}

fn cut(answer: &str, right: &[u8]) -> Vec<Fault> {
    let pause = Step::Pause(Duration::from_millis(200));
    let half = &answer[..answer.char_indices().nth(10).unwrap().0];
    let chunks = format!("{CHUNKED}a\r\n{half}");
    let head_end = right.len() - answer.len();
    vec![
        Fault::new("closed without a byte", Ends::NoReply, [Step::Read]),
        Fault::bytes("truncated in the status line", Ends::NoReply, &right[..9]),
        Fault::bytes("truncated in the head", Ends::NoReply, &right[..head_end - 2]),
        Fault::bytes("truncated with a length", Ends::NoAnswer, &right[..right.len() - 1]),
        Fault::bytes("truncated without a length", Ends::NoAnswer, format!("{UNTIL_CLOSED}{half}")),
        Fault::bytes("truncated in a chunk", Ends::NoAnswer, &chunks[..chunks.len() - 2]),
        Fault::bytes("truncated between chunks", Ends::NoAnswer, format!("{chunks}\r\n")),
        Fault::new("reset before reading", Ends::NoReply, [Step::Peek, Step::Reset]),
        Fault::new("reset after reading", Ends::NoReply, [Step::Read, Step::Reset]),
        Fault::new(
            "reset in the head",
            Ends::NoReply,
            [Step::Read, Step::send(&right[..20]), pause.clone(), Step::Reset],
        ),
        Fault::new(
            "reset after the head",
            Ends::NoAnswer,
            [Step::Read, Step::send(&right[..head_end]), pause.clone(), Step::Reset],
        ),
        Fault::new(
            "reset in the body",
            Ends::NoAnswer,
            [Step::Read, Step::send(&right[..right.len() - 1]), pause, Step::Reset],
        ),
    ]
}

fn lengths(answer: &str) -> Vec<Fault> {
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(2 << 20));
    let head = |length: &str| format!("HTTP/1.1 200 OK\r\n{length}connection: close\r\n\r\n{answer}");
    let endless = |bytes: &[u8]| Step::Endless(bytes.into());
    let faults = vec![
        Fault::bytes("larger than the cap, announced", Ends::NeverAnAnswer, reply("200 OK", "", &large)),
        Fault::bytes("larger than the cap, in a chunk", Ends::NeverAnAnswer, {
            format!("{CHUNKED}{:x}\r\n{large}\r\n0\r\n\r\n", large.len())
        }),
        Fault::bytes("larger than the cap, until closed", Ends::NeverAnAnswer, format!("{UNTIL_CLOSED}{large}")),
        Fault::bytes("announced as larger than memory", Ends::NeverAnAnswer, {
            head(&format!("content-length: {}\r\n", u64::MAX - 2))
        }),
        Fault::bytes("an answer, until closed", Ends::Answered, format!("{UNTIL_CLOSED}{answer}")),
        Fault::new(
            "endless body",
            Ends::NeverAnAnswer,
            [Step::Read, Step::send(UNTIL_CLOSED), endless(&b" ".repeat(64 << 10))],
        ),
        Fault::new(
            "endless chunks",
            Ends::NeverAnAnswer,
            [Step::Read, Step::send(CHUNKED), endless(format!("1000\r\n{}\r\n", " ".repeat(0x1000)).as_bytes())],
        ),
        Fault::new(
            "endless trailers",
            Ends::NoAnswer,
            [Step::Read, Step::send(format!("{CHUNKED}0\r\n")), endless(&b"x-a: b\r\n".repeat(100))],
        ),
        Fault::bytes("a length that is no number", Ends::NoReply, head("content-length: many\r\n")),
        Fault::bytes("two lengths", Ends::NoReply, head("content-length: 5\r\ncontent-length: 6\r\n")),
        Fault::bytes("a chunk size that is no number", Ends::NoAnswer, format!("{CHUNKED}zz\r\n{answer}")),
        Fault::bytes("a chunk larger than memory", Ends::NoAnswer, {
            format!("{CHUNKED}ffffffffffffffff0\r\n{answer}")
        }),
    ];
    faults.into_iter().map(Fault::large).collect()
}

fn compressed(answer: &str) -> Vec<Fault> {
    let gzip = |body: &[u8]| reply("200 OK", "content-encoding: gzip\r\n", body);
    let right = gzipped(answer.as_bytes());
    let mut wrong = right.clone();
    let last = wrong.len() - 8;
    wrong[last] ^= 0xff;
    vec![
        Fault::bytes("gzip", Ends::Answered, gzip(&right)),
        Fault::bytes("gzip-bomb", Ends::NeverAnAnswer, gzip(&bomb())).large(),
        Fault::bytes("gzip in gzip", Ends::NoAnswer, gzip(&gzipped(&right))),
        Fault::bytes("bad-gzip: none", Ends::NeverAnAnswer, gzip(answer.as_bytes())),
        Fault::bytes("bad-gzip: cut", Ends::NeverAnAnswer, gzip(&right[..right.len() / 2])),
        Fault::bytes("bad-gzip: wrong checksum", Ends::NeverAnAnswer, gzip(&wrong)),
        Fault::bytes("an encoding that was not asked for", Ends::NoAnswer, {
            reply("200 OK", "content-encoding: br\r\n", b"\x0b\x02\x80{}\x03")
        }),
    ]
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// About 1 MiB that inflates to 1 GiB: the same flushed block of 1 MiB over and over.
fn bomb() -> Vec<u8> {
    let mut block = Vec::with_capacity(8 << 10);
    let mut deflate = Compress::new(Compression::best(), false);
    deflate.compress_vec(&vec![b' '; 1 << 20], &mut block, FlushCompress::Full).unwrap();
    let mut bomb = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    bomb.extend(block.repeat(1024));
    bomb
}

fn heads(answer: &str, right: &[u8]) -> Vec<Fault> {
    let with = |headers: &str| reply("200 OK", headers, answer);
    let many: String = (0..200).map(|number| format!("x-{number}: y\r\n")).collect::<Vec<_>>().concat();
    let endless = |bytes: &[u8]| Step::Endless(bytes.into());
    let no = reply("200 OK", "", r#"{"status":0,"code":50002,"errMsg":"no","message":"no"}"#);
    let early = [Step::send(right), Step::Read];
    vec![
        Fault::bytes("another content type", Ends::Answered, with("content-type: text/html; charset=gbk\r\n")),
        Fault::bytes("a header of a mebibyte", Ends::NoReply, with(&format!("x: {}\r\n", "y".repeat(1 << 20)))).large(),
        Fault::bytes("200 headers", Ends::NoReply, with(&many)),
        Fault::new(
            "endless header",
            Ends::NoReply,
            [Step::Read, Step::send("HTTP/1.1 200 OK\r\nx: "), endless(&b"y".repeat(64 << 10))],
        )
        .large(),
        Fault::new(
            "endless headers",
            Ends::NoReply,
            [Step::Read, Step::send("HTTP/1.1 200 OK\r\n"), endless(&b"x-a: b\r\n".repeat(1000))],
        )
        .large(),
        Fault::bytes("1xx before the answer", Ends::Answered, {
            [&b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(20), right].concat()
        }),
        Fault::new(
            "endless 1xx",
            Ends::NoReply,
            [Step::Read, endless(&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000))],
        )
        .lasting()
        .large(),
        Fault::bytes("101", Ends::NoAnswer, "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"),
        Fault::bytes("garbage: HTTP/0.9", Ends::NoReply, answer),
        Fault::bytes("garbage: bytes", Ends::NoReply, b"\x15\x03\x01\0\x02\x02\x46\0\xff\xfe\r\n\r\n"),
        Fault::bytes("garbage: no status", Ends::NoReply, format!("HTTP/1.1 abc\r\n\r\n{answer}")),
        Fault::bytes("garbage: HTTP/2", Ends::NoReply, b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0"),
        Fault::bytes("garbage: a header without a name", Ends::NoReply, with(": y\r\n")),
        Fault::bytes("garbage: control characters in a header", Ends::NoReply, with("x: \u{1b}[2J\u{7}\r\n")),
        Fault::bytes("two replies", Ends::Answered, [right, &no].concat()),
        Fault::new("a reply before the request", Ends::AnsweredOrNoReply, early),
    ]
}
