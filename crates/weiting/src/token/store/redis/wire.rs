//! Redis' protocol, as far as a store speaks it: commands go out together, and their replies come back in order.

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, Take};

use super::fault::RedisFault;

/// Number of bytes that one operation reads at most: hundreds of records and ledgers.
pub(super) const CAP: usize = 256 << 10;

/// Both directions of a connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection, and what was read of it and not yet used.
pub(super) struct Wire(BufReader<Take<Box<dyn Stream>>>);

/// A reply that is no error.
enum Reply {
    Done,
    Number(i64),
    /// The bytes of a key; `None` where there is no such key.
    Bytes(Option<Vec<u8>>),
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self(BufReader::new(stream.take(CAP as u64)))
    }

    /// Sends commands, each a list of words.
    pub(super) async fn send(&mut self, commands: &[&[&[u8]]]) -> Result<(), RedisFault> {
        let mut bytes = Vec::new();
        for words in commands {
            bytes.extend(format!("*{}\r\n", words.len()).bytes());
            for word in *words {
                bytes.extend(format!("${}\r\n", word.len()).bytes());
                bytes.extend_from_slice(word);
                bytes.extend_from_slice(b"\r\n");
            }
        }
        let stream = self.0.get_mut().get_mut();
        stream.write_all(&bytes).await.map_err(|_| RedisFault::Closed)?;
        stream.flush().await.map_err(|_| RedisFault::Closed)
    }

    /// Reads the reply of a command that answers OK.
    pub(super) async fn done(&mut self) -> Result<(), RedisFault> {
        match self.reply("").await? {
            Reply::Done => Ok(()),
            _ => Err(RedisFault::NotRedis),
        }
    }

    /// Reads the reply of a command on `key` that answers a number.
    pub(super) async fn number(&mut self, key: &str) -> Result<i64, RedisFault> {
        match self.reply(key).await? {
            Reply::Number(number) => Ok(number),
            _ => Err(RedisFault::NotRedis),
        }
    }

    /// Reads the reply of a command that answers what `key` holds; `None` where there is no such key.
    pub(super) async fn bytes(&mut self, key: &str) -> Result<Option<Vec<u8>>, RedisFault> {
        match self.reply(key).await? {
            Reply::Bytes(bytes) => Ok(bytes),
            _ => Err(RedisFault::NotRedis),
        }
    }

    async fn reply(&mut self, key: &str) -> Result<Reply, RedisFault> {
        match self.0.fill_buf().await.map_err(|_| RedisFault::Closed)?.first() {
            Some(b'+' | b'-' | b':' | b'$') => {}
            Some(_) => return Err(RedisFault::NotRedis),
            None => return Err(self.ended()),
        }
        let line = self.line().await?;
        let number = || line[1..].parse().map_err(|_| RedisFault::NotRedis);
        match line.as_bytes()[0] {
            b'+' => Ok(Reply::Done),
            b'-' => Err(RedisFault::of_error(&line[1..], key)),
            b':' => Ok(Reply::Number(number()?)),
            _ => match number()? {
                -1 => Ok(Reply::Bytes(None)),
                length => Ok(Reply::Bytes(Some(self.text(length).await?))),
            },
        }
    }

    /// Reads a line, and leaves out its end.
    async fn line(&mut self) -> Result<String, RedisFault> {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line).await.map_err(|_| RedisFault::Closed)?;
        if line.pop_if(|last| *last == b'\n').is_none() {
            return Err(self.ended());
        }
        line.pop_if(|last| *last == b'\r').ok_or(RedisFault::NotRedis)?;
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Reads a text of this length, and the line end behind it.
    async fn text(&mut self, length: i64) -> Result<Vec<u8>, RedisFault> {
        let length = usize::try_from(length).map_err(|_| RedisFault::NotRedis)?;
        if length > CAP {
            return Err(RedisFault::TooLarge { cap: CAP });
        }
        let mut text = vec![0; length + 2];
        if self.0.read_exact(&mut text).await.is_err() {
            return Err(self.ended());
        }
        if text.split_off(length) != b"\r\n" {
            return Err(RedisFault::NotRedis);
        }
        Ok(text)
    }

    /// Returns the fault where no more can be read: the cap is reached, or the connection was closed.
    fn ended(&self) -> RedisFault {
        if self.0.get_ref().limit() == 0 { RedisFault::TooLarge { cap: CAP } } else { RedisFault::Closed }
    }
}
