//! The cassette file: a header that says what the file holds and can't show, then the inputs and the exchanges.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::exchange::Exchange;
use super::inputs::Inputs;
use super::json::Json;

/// Format version: files of this one are written and read, others are refused.
const FORMAT: u32 = 1;

/// Maximum size of a file in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Recorded calls.
#[derive(Clone)]
pub struct Cassette {
    pub(super) made_by: String,
    pub(super) against: Against,
    pub(super) inputs: Inputs,
    pub(super) exchanges: Vec<Exchange>,
}

/// The server that a cassette was recorded against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// A sandbox, with public test credentials: the cassette holds everything.
    Sandbox,
    /// A live vendor: the cassette holds placeholders.
    Live,
}

impl Against {
    fn holds(self) -> &'static [&'static str] {
        match self {
            Self::Sandbox => &["everything that was sent and answered, with public test credentials"],
            Self::Live => &[
                "names, texts and small integers of the vendor's own documents",
                "a placeholder in the place of every other value: of its kind, numbered, the same for the same value",
                "of a body that is neither JSON nor a form: its kind, and the next power of two of its length",
            ],
        }
    }

    fn cannot_see(self) -> &'static [&'static str] {
        match self {
            Self::Sandbox => &[
                "time taken, TLS, connection faults, host and port",
                "headers but accept, content-type and location",
                "which characters of a query were percent-encoded that need not be",
            ],
            Self::Live => &[
                "time taken, TLS, connection faults, host and port",
                "headers but accept, content-type and location",
                "how values were written: white space, escapes, percent-encoding, byte order marks",
                "what stood in a placeholder's place: its length (but for digits), blanks within it, true or false, \
                 codes within URLs, whether a signature was right",
            ],
        }
    }
}

/// Layout of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u32,
    made_by: String,
    against: Against,
    holds: Vec<String>,
    cannot_see: Vec<String>,
    inputs: Inputs,
    exchanges: Vec<Exchange>,
}

/// Format version, read before the rest: other formats may hold anything.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Cassette {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CassetteError::Read`], [`TooLong`](CassetteError::TooLong), and the errors of [`parse`](Self::parse).
    pub fn read(path: &Path) -> Result<Self, CassetteError> {
        let failed = |source| CassetteError::Read { path: path.to_owned(), source: Arc::new(source) };
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() as u64 > LONGEST {
            return Err(CassetteError::TooLong { path: path.to_owned() });
        }
        Self::parse(path, &bytes)
    }

    /// Reads the content of the file `path`.
    ///
    /// # Errors
    /// [`CassetteError::Malformed`], or [`CassetteError::Version`] where the format is another.
    pub fn parse(path: &Path, content: &[u8]) -> Result<Self, CassetteError> {
        let malformed = |error: serde_json::Error| CassetteError::Malformed {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            problem: problem(&error),
        };
        let Version { format } = serde_json::from_slice(content).map_err(malformed)?;
        if format != FORMAT {
            return Err(CassetteError::Version { path: path.to_owned(), format });
        }
        let file: Written = serde_json::from_slice(content).map_err(malformed)?;
        Ok(Self { made_by: file.made_by, against: file.against, inputs: file.inputs, exchanges: file.exchanges })
    }

    /// Returns the content of the file. The same cassette gives the same bytes.
    pub fn to_text(&self) -> String {
        let texts = |texts: &[&str]| texts.iter().copied().map(str::to_owned).collect();
        let file = Written {
            format: FORMAT,
            made_by: self.made_by.clone(),
            against: self.against,
            holds: texts(self.against.holds()),
            cannot_see: texts(self.against.cannot_see()),
            inputs: self.inputs.clone(),
            exchanges: self.exchanges.clone(),
        };
        let json = serde_json::to_vec(&file).ok().and_then(|compact| serde_json::from_slice::<Json>(&compact).ok());
        json.unwrap_or(Json::Null).pretty()
    }

    /// Writes the file atomically.
    ///
    /// # Errors
    /// [`CassetteError::Write`]; an older file of this name is left as it was.
    pub fn write(&self, path: &Path) -> Result<(), CassetteError> {
        let unfinished = path.with_extension("json.unfinished");
        let written = fs::write(&unfinished, self.to_text()).and_then(|()| fs::rename(&unfinished, path));
        written.map_err(|source| {
            // A failed attempt may have left no file.
            let _ = fs::remove_file(&unfinished);
            CassetteError::Write { path: path.to_owned(), source: Arc::new(source) }
        })
    }

    /// The server that the calls were recorded against.
    pub fn against(&self) -> Against {
        self.against
    }

    /// Inputs of the calls; in a live cassette, placeholders.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Number of calls.
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Returns true where the cassette holds no calls.
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }
}

impl fmt::Debug for Cassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cassette")
            .field("against", &self.against)
            .field("inputs", &self.inputs)
            .field("exchanges", &self.exchanges.len())
            .finish_non_exhaustive()
    }
}

/// Returns the kind of a JSON error. It leaves out the position, which has fields of its own, and the found value: a
/// file that is no cassette may hold anything.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
    let Some((found, expected)) = text.rsplit_once(", expected ") else { return text.to_owned() };
    let kind = found.split(['`', '"']).next().unwrap_or_default().trim_end();
    format!("{kind}, expected {expected}")
}

/// Error of reading or writing a cassette.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CassetteError {
    /// The file can't be read. If it does not exist, record it.
    #[error("cannot read the cassette {}; if the file does not exist, record the cassette", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The file system's error.
        source: Arc<io::Error>,
    },
    /// The file is larger than 64 MiB, so it is not a cassette. Record it again.
    #[error("the cassette {} is longer than {LONGEST} bytes: record it again", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a valid cassette. Record it again.
    #[error(
        "the cassette {} is malformed at line {line}, column {column}: {problem}. Record it again",
        path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault, from 1; 0 at the end of the line before.
        column: usize,
        /// The fault at that position.
        problem: String,
    },
    /// The file has another format version. Record it again, or read it with the version of weifen that wrote it.
    #[error(
        "the cassette {} has format {format}, but this program reads format {FORMAT}: record it again, or use the \
         version of weifen that wrote it",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Format version of the file.
        format: u32,
    },
    /// The file can't be written. Check that its folder exists and is writable.
    #[error("cannot write the cassette {}: check that its folder exists and is writable", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The file system's error.
        source: Arc<io::Error>,
    },
}
