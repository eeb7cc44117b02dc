//! A server on plain sockets, whose connections behave well or badly as a test needs.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::net::TcpSocket;

use super::RawRequest;

/// A server at a free port of 127.0.0.1, which runs `serve` for each connection until it is dropped. It keeps all
/// received bytes.
///
/// ```
/// use std::io::Write;
///
/// use weifen_transport::testing::RawServer;
///
/// let server = RawServer::start(|connection| {
///     let request = connection.request()?;
///     connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n")?;
///     connection.write_all(&request.body)?;
///     connection.reset()
/// })?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct RawServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Reserves the address of a server that refuses connections.
    _bound: Option<TcpSocket>,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    received: Mutex<Vec<Vec<u8>>>,
    sent: AtomicUsize,
}

impl Shared {
    fn received(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RawServer {
    /// Starts a server that runs `serve` for each connection, on a thread of its own. Then the connection is closed
    /// for writing and read to its end, also after an error: a client that has seen enough closes it.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(serve: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let server = Self { address: listener.local_addr()?, shared: Arc::default(), _bound: None };
        let (serve, shared) = (Arc::new(serve), server.shared.clone());
        thread::spawn(move || {
            for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                if shared.is_over.load(Ordering::SeqCst) {
                    return;
                }
                shared.received().push(Vec::new());
                let mut connection = Connection { number, stream, shared: shared.clone(), is_reset: false };
                let serve = serve.clone();
                thread::spawn(move || {
                    _ = connection.stream.set_nodelay(true);
                    _ = serve(&mut connection);
                    connection.end();
                });
            }
        });
        Ok(server)
    }

    /// Reserves a port at which nothing listens, so that connections are refused.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn refusing() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self { address: socket.local_addr()?, shared: Arc::default(), _bound: Some(socket) })
    }

    /// Returns its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns its URL, such as `http://127.0.0.1:40001`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the bytes received so far, by connection.
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.shared.received().clone()
    }

    /// Returns the number of bytes that all connections sent so far.
    pub fn sent(&self) -> usize {
        self.shared.sent.load(Ordering::SeqCst)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // The accept loop checks the flag at the next connection.
        _ = TcpStream::connect(self.address);
    }
}

impl fmt::Debug for RawServer {
    /// Leaves out the received bytes: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawServer").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A connection of a [`RawServer`], to read, write, and end in the ways of real connections.
pub struct Connection {
    number: usize,
    stream: TcpStream,
    shared: Arc<Shared>,
    is_reset: bool,
}

impl Connection {
    /// Returns the connection's number at its server, from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Reads a request to its end.
    ///
    /// # Errors
    /// When the connection ends within the request, or the bytes are no request.
    pub fn request(&mut self) -> io::Result<RawRequest> {
        RawRequest::read(self)
    }

    /// Waits for the first bytes and leaves them unread.
    ///
    /// # Errors
    /// When the connection ends first.
    pub fn wait(&mut self) -> io::Result<()> {
        match self.stream.peek(&mut [0])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Sends nothing more, and reads until the client closes the connection.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn hang(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(drop)
    }

    /// Sends `bytes` repeatedly, until the client closes the connection or at least `most` bytes were sent.
    ///
    /// # Errors
    /// When the client has closed the connection.
    pub fn flood(&mut self, bytes: &[u8], most: usize) -> io::Result<()> {
        (0..most.div_ceil(bytes.len())).try_for_each(|_| self.write_all(bytes))
    }

    /// Resets the connection (RST) when it ends. Bytes that arrived before count as received, read or not.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn reset(&mut self) -> io::Result<()> {
        self.is_reset = true;
        TcpSocket::from_std_stream(self.stream.try_clone()?).set_zero_linger()?;
        self.stream.set_nonblocking(true)?;
        let mut unread = [0; 4096];
        let length = self.stream.peek(&mut unread).unwrap_or_default();
        self.shared.received()[self.number].extend_from_slice(&unread[..length]);
        Ok(())
    }

    fn end(mut self) {
        if !self.is_reset {
            _ = self.stream.shutdown(Shutdown::Write);
            // Wait until the client has closed it too: bytes that it still sends must not be answered with a reset.
            _ = self.hang();
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.shared.received()[self.number].extend_from_slice(&buffer[..length]);
        Ok(length)
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.stream.write(bytes)?;
        self.shared.sent.fetch_add(length, Ordering::SeqCst);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("number", &self.number).finish_non_exhaustive()
    }
}
