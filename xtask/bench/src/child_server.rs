//! A server of the bench in its own process.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tokio::net::TcpListener;

/// A server's process. It ends when this value is dropped, and when this process ends in any other way.
pub(crate) struct ChildServer {
    process: Child,
    address: SocketAddr,
}

impl ChildServer {
    /// Starts this program with these arguments, and waits until it prints its address.
    pub(crate) fn start(arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("a server can't be started")?;
        let address = address(&mut process).context("a server did not say where it listens");
        if address.is_err() {
            end(&mut process);
        }
        Ok(Self { address: address?, process })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for ChildServer {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn address(process: &mut Child) -> Result<SocketAddr> {
    let mut line = String::new();
    let output = process.stdout.take().context("it has no output")?;
    BufReader::new(output).read_line(&mut line)?;
    Ok(line.trim().parse()?)
}

fn end(process: &mut Child) {
    // It still runs and is killed, or it has ended already.
    _ = process.kill();
    _ = process.wait();
}

/// Serves in the child process until its parent ends.
pub(crate) fn serve(server: impl Future<Output = Result<()>>) -> Result<()> {
    std::thread::spawn(|| {
        _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(server)
}

/// Listens on a free port and prints its address.
pub(crate) async fn listener() -> Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    tell(listener.local_addr()?)?;
    Ok(listener)
}

/// Prints the address of a server that listens.
pub(crate) fn tell(address: SocketAddr) -> io::Result<()> {
    println!("{address}");
    io::stdout().flush()
}
