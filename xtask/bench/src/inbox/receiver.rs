//! A receiver, a process of its own: weifen's, one that stores nothing, or one that makes a transaction for each push.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use weifen_inbox::{Booking, Bookings, Database, HttpServer, Inbox, PushSecrets, Receiver, Rules, ServerLimits};

use super::one_per_push::OnePerPush;
use super::push;

/// How many bookings are under way at once.
const TOGETHER: u64 = 512;

/// What a receiver does with a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// It reads the body and answers.
    Bare,
    /// What weifen does.
    Weifen,
    /// The same checks and the same row, in a transaction of its own for each push.
    OnePerPush,
}

/// What a receiver's process is started with.
#[derive(clap::Args)]
pub(crate) struct ReceiverArgs {
    #[arg(long)]
    kind: Kind,
    /// sqlite:PATH or postgres://…, of a server that this bench started
    #[arg(long, default_value = "")]
    database: String,
}

/// A receiver's process. It ends when it is dropped, and when this process ends in any other way.
pub(super) struct Process {
    process: Child,
    address: SocketAddr,
}

impl Process {
    pub(super) fn start(kind: Kind, database: &str) -> Result<Self> {
        let name = clap::ValueEnum::to_possible_value(&kind).context("a kind without a name")?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("inbox-receiver").args(["--kind", name.get_name(), "--database", database]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let address = address(&mut process).context("a receiver did not say where it listens");
        if address.is_err() {
            end(&mut process);
        }
        Ok(Self { address: address?, process })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Process {
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
    // Either it runs and is ended, or it has ended already.
    _ = process.kill();
    _ = process.wait();
}

/// Receives until the process that started it is gone.
pub(crate) fn receive(args: &ReceiverArgs) -> Result<()> {
    std::thread::spawn(|| {
        _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(args))
}

async fn serve(args: &ReceiverArgs) -> Result<()> {
    let router = match args.kind {
        Kind::Bare => bare(),
        Kind::Weifen => {
            let inbox = inbox(&args.database).await?;
            let intake = inbox.receiving(Rules::new(push::DEVELOPER).keys([push::KEY]));
            Receiver::new(intake, PushSecrets::new([push::SECRET.into()])?).router().merge(booking(inbox))
        }
        Kind::OnePerPush => {
            let inbox = inbox(&args.database).await?;
            OnePerPush::open(&args.database).await?.router().merge(booking(inbox))
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let _server = {
        println!("{}", listener.local_addr()?);
        io::stdout().flush()?;
        HttpServer::start(listener, router, ServerLimits::default())
    };
    std::future::pending().await
}

fn bare() -> Router {
    Router::new().route("/push/{secret}", post(async |Path(_): Path<String>, body: Bytes| answer(&body)))
}

pub(super) fn answer(_: &Bytes) -> (StatusCode, [(&'static str, &'static str); 1], &'static str) {
    (StatusCode::OK, [("content-type", "application/json")], r#"{"status":"ok"}"#)
}

async fn inbox(database: &str) -> Result<Inbox> {
    let database = match database.strip_prefix("sqlite:") {
        Some(path) => Database::sqlite(path),
        None => Database::postgres(database),
    };
    Ok(Inbox::open(&database).await?)
}

/// `GET /book/FIRST/COUNT`: books what the next pushes will be about.
fn booking(inbox: Inbox) -> Router {
    let book = async |State(inbox): State<Inbox>, Path((first, count)): Path<(u64, u64)>| {
        book(&inbox, first, count).await.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
    };
    Router::new().route("/book/{first}/{count}", get(book)).with_state(inbox)
}

async fn book(inbox: &Inbox, first: u64, count: u64) -> Result<()> {
    let mut callers = JoinSet::new();
    for place in 0..TOGETHER {
        let inbox = inbox.clone();
        callers.spawn(async move {
            for number in (first + place..first + count).step_by(usize::try_from(TOGETHER)?) {
                let user = push::user(number).parse()?;
                let hour = Duration::from_secs(3600);
                inbox.book(&Booking::new(push::DEVELOPER, user, push::KEY, push::ACCOUNT, hour)).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = callers.join_next().await {
        done??;
    }
    Ok(())
}
