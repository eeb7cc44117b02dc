//! A request as a server received it.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// An HTTP/1.1 request as a [`RawServer`](super::RawServer) received it.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRequest {
    /// The request line, such as `GET /path?query HTTP/1.1`.
    pub line: String,
    /// The headers in order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, without the framing of chunks.
    pub body: Vec<u8>,
}

impl RawRequest {
    /// Reads a whole request. Bytes that directly follow it may be lost.
    ///
    /// # Errors
    /// When the stream ends within the request, or the bytes are no request.
    pub fn read(stream: &mut impl Read) -> io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut request = Self { line: line(&mut reader)?, headers: Vec::new(), body: Vec::new() };
        loop {
            let header = line(&mut reader)?;
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
            request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        if request.header("transfer-encoding").is_none() {
            let length = request.header("content-length").map_or(Ok(0), str::parse).map_err(io::Error::other)?;
            request.body.resize(length, 0);
            reader.read_exact(&mut request.body)?;
            return Ok(request);
        }
        loop {
            let size = usize::from_str_radix(&line(&mut reader)?, 16).map_err(io::Error::other)?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            if size == 0 {
                return Ok(request);
            }
            request.body.extend_from_slice(&chunk[..size]);
        }
    }

    /// Returns the target between method and version: a path with its query, or a whole URL at a proxy.
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// Returns the target without its query.
    pub fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or_default()
    }

    /// Returns the first value of the header `name`, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match reader.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

impl fmt::Debug for RawRequest {
    /// Leaves out all parts: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").finish_non_exhaustive()
    }
}
