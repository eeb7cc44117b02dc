//! Where an HTTP/1 message ends that is read off a socket.

/// How long the message is that `received` begins with, once its head is there. One without a length has no body.
pub(crate) fn length(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let lines = std::str::from_utf8(&received[..head]).ok()?.lines();
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    let body = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Some(head + 4 + body.and_then(|(_, length)| length.trim().parse().ok()).unwrap_or(0))
}
