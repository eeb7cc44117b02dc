//! Reads a text file as a whole, up to a cap, so that an endless file does not fill the memory.

use std::io::{self, Read};

/// Reads a text of at most `cap` bytes; a longer one is an error. The error for a text that is not UTF-8 does not hold
/// its bytes, which may be a secret.
pub(super) fn read(reader: impl Read, cap: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(cap + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > cap {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}
