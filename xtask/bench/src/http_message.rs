//! Finds the end of an HTTP/1 message that is read from a socket.

/// Returns the length in bytes of the first message in `received`, once its head is complete. Without a content-length
/// it has no body.
pub(crate) fn length(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let lines = std::str::from_utf8(&received[..head]).ok()?.lines();
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    let body = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Some(head + 4 + body.and_then(|(_, length)| length.trim().parse().ok()).unwrap_or(0))
}
