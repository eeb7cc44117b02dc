//! Values read from stdin, which keeps them out of process lists and shell histories.

use std::io::{self, Read};

use crate::failure::Failure;

/// Cap on a value, in bytes; longer input is a wrong file, or endless.
const LONGEST: u64 = 64 * 1024;

/// The process's stdin, which can be read once.
#[derive(Debug)]
pub(crate) struct Stdin {
    /// Its reader: an option of this call, or a key of the configuration.
    reader: Option<&'static str>,
}

impl Stdin {
    /// Stdin, which the configuration's `reader` may have taken already.
    pub(crate) fn new(reader: Option<&'static str>) -> Self {
        Self { reader }
    }

    /// The value of `option`: as given, or for `-` the text of stdin without its last newline.
    ///
    /// # Errors
    /// When another option already reads stdin, or stdin cannot be read or is not UTF-8 text.
    pub(crate) fn value(&mut self, option: &'static str, given: String) -> Result<String, Failure> {
        if given != "-" {
            return Ok(given);
        }
        if let Some(other) = self.reader.replace(option) {
            return Err(Failure::usage(format!("{option} -: stdin is read for {other} already")));
        }
        let text = text(io::stdin()).map_err(|error| Failure::usage(format!("{option} -: stdin {error}")))?;
        Ok(without_newline(text))
    }
}

#[derive(Debug, thiserror::Error)]
enum StdinError {
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("contains more than {LONGEST} bytes")]
    TooLong,
    #[error("is not UTF-8 text")]
    NotUtf8,
}

fn text(reader: impl Read) -> Result<String, StdinError> {
    let mut bytes = Vec::new();
    reader.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(StdinError::TooLong);
    }
    String::from_utf8(bytes).map_err(|_| StdinError::NotUtf8)
}

fn without_newline(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}
