//! Redis' protocol, version 2, as far as the store needs it.

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, Take};

use super::fault::RedisFault;

/// Number of bytes that one operation reads at most: hundreds of records and ledgers.
const CAP: usize = 256 << 10;

/// A connection, on which commands are sent and their answers read in the same order.
pub(super) struct Wire {
    answers: BufReader<Take<Box<dyn AsyncRead + Send + Unpin>>>,
    commands: Box<dyn AsyncWrite + Send + Unpin>,
}

impl Wire {
    pub(super) fn over(stream: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (answers, commands) = tokio::io::split(stream);
        let answers: Box<dyn AsyncRead + Send + Unpin> = Box::new(answers);
        Self { answers: BufReader::new(answers.take(CAP as u64)), commands: Box::new(commands) }
    }

    /// Sends commands, each a list of words.
    pub(super) async fn send(&mut self, commands: &[&[&[u8]]]) -> Result<(), RedisFault> {
        let bytes: Vec<u8> = commands.iter().copied().flat_map(encoded).collect();
        self.commands.write_all(&bytes).await.map_err(|_| RedisFault::Closed)?;
        self.commands.flush().await.map_err(|_| RedisFault::Closed)
    }

    /// Reads the answer of a command that returns nothing.
    pub(super) async fn status(&mut self) -> Result<(), RedisFault> {
        self.answer(b'+', "").await.map(drop)
    }

    /// Reads the answer of a command on `key` that returns a number.
    pub(super) async fn number(&mut self, key: &str) -> Result<i64, RedisFault> {
        self.answer(b':', key).await?.parse().map_err(|_| RedisFault::NotRedis)
    }

    /// Reads the answer of a command that returns the text of `key`; empty where there is none.
    pub(super) async fn text(&mut self, key: &str) -> Result<Vec<u8>, RedisFault> {
        let length = self.answer(b'$', key).await?;
        if length == "-1" {
            return Ok(Vec::new());
        }
        let length: usize = length.parse().map_err(|_| RedisFault::NotRedis)?;
        if length > CAP {
            return Err(RedisFault::TooLarge { cap: CAP });
        }
        let mut text = vec![0; length + 2];
        self.answers.read_exact(&mut text).await.map_err(|_| self.ended())?;
        if text.split_off(length) == b"\r\n" { Ok(text) } else { Err(RedisFault::NotRedis) }
    }

    /// Reads the first line of an answer of this kind, without the kind.
    async fn answer(&mut self, kind: u8, key: &str) -> Result<String, RedisFault> {
        let found = self.answers.read_u8().await.map_err(|_| self.ended())?;
        // A server that is no Redis may never end its line.
        if found != kind && found != b'-' {
            return Err(RedisFault::NotRedis);
        }
        let mut line = Vec::new();
        self.answers.read_until(b'\n', &mut line).await.map_err(|_| RedisFault::Closed)?;
        if !line.ends_with(b"\n") {
            return Err(self.ended());
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if found == kind { Ok(line.to_owned()) } else { Err(RedisFault::of(line, key)) }
    }

    /// Returns the fault for an end where none may be.
    fn ended(&self) -> RedisFault {
        if self.answers.get_ref().limit() == 0 { RedisFault::TooLarge { cap: CAP } } else { RedisFault::Closed }
    }
}

fn encoded(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n", word.len()).into_bytes());
        bytes.extend_from_slice(word);
        bytes.extend(b"\r\n");
    }
    bytes
}
