//! `bench call`: the contestants, and the server that makes them do the same work.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

#[test]
fn every_contestant_makes_calls_that_succeed() -> Result<()> {
    // No valgrind is found there: it would take minutes in a debug build.
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-bench"));
    let output = command.args(["call", "--rounds", "1", "--seconds", "0.02"]).env("PATH", "").output()?;
    let printed = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in [
        "lean hyper loop",
        "hand-written hyper-util client",
        "hand-written reqwest loop",
        "weifen over HyperTransport",
        "weifen over ReqwestTransport",
    ] {
        let rates: Vec<f64> = printed.lines().filter_map(|line| rate(line.strip_prefix(name)?)).collect();
        assert_eq!(rates.len(), 2, "{printed}");
        assert!(rates.iter().all(|rate| *rate > 0.0), "{printed}");
        let costs = |line: &&str| line.strip_prefix(name).is_some_and(|costs| costs.trim().starts_with("- "));
        assert_eq!(printed.lines().filter(costs).count(), 1, "{printed}");
    }
    for part in ["weifen over HyperTransport makes ", "\nInstructions are not counted: there is no valgrind here.\n"] {
        assert!(printed.contains(part), "{printed}");
    }
    Ok(())
}

fn rate(figures: &str) -> Option<f64> {
    figures.split_whitespace().next()?.parse().ok()
}

const HEAD: &str =
    "POST /service/flowOrders/create?access_token=%3Dbench-jLdmlnLUyr-BzKfriqsMEr3X9%3DrRjrtSln9 HTTP/1.1";
const ORDER: &str = r#"{"openid":"oKXUCj1Fp4fNnb99liSkslcM_D-X","deviceno":"18900000000","traffic_package_name":"1G包","channel":"1","from":"love flow"}"#;

#[test]
fn the_server_answers_the_order_and_nothing_that_differs_from_it() -> Result<()> {
    let mut server = Server::start()?;
    assert!(server.ask(HEAD, ORDER)?.contains(r#""status":200"#));
    assert!(server.ask(HEAD, ORDER)?.contains(r#""status":200"#));
    assert!(server.ask(&format!("{HEAD}\r\nx-less-work: 1"), ORDER)?.contains(r#""status":0"#));
    assert!(server.ask(HEAD, &ORDER.replace("18900000000", "18900000001"))?.contains(r#""status":0"#));
    assert!(server.ask(&HEAD.replace("%3D", "="), ORDER)?.contains(r#""status":0"#));
    Ok(())
}

#[test]
fn the_server_ends_with_the_process_that_started_it() -> Result<()> {
    let mut server = Server::start()?;
    drop(server.process.stdin.take());
    assert!(server.process.wait()?.success());
    Ok(())
}

struct Server {
    process: Child,
    connection: BufReader<TcpStream>,
}

impl Server {
    fn start() -> Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_xtask-bench"))
            .arg("call-server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut address)?;
        Ok(Self { process, connection: BufReader::new(TcpStream::connect(address.trim())?) })
    }

    fn ask(&mut self, head: &str, body: &str) -> Result<String> {
        write!(self.connection.get_mut(), "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
        let mut line = String::new();
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            self.connection.read_line(&mut line)?;
            if let Some(announced) = line.strip_prefix("content-length: ") {
                length = announced.trim().parse()?;
            }
        }
        let mut reply = vec![0; length];
        self.connection.read_exact(&mut reply)?;
        Ok(String::from_utf8(reply)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It still runs and is killed, or it has ended already.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}
