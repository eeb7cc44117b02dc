//! A receiver process: weifen's, one that stores nothing, or one with one transaction per push.

use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::task::JoinSet;
use weifen_inbox::{Booking, Bookings, Database, HttpServer, Inbox, PushSecrets, Receiver, Rules, ServerLimits};

use super::one_per_push::OnePerPush;
use super::push;
use crate::child_server::{self, ChildServer};

/// Number of concurrent bookings.
const TOGETHER: u64 = 512;

/// Way in which a receiver handles a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Reads the body and answers.
    Bare,
    /// Uses weifen's receiver.
    Weifen,
    /// Makes the same checks and stores the same row, in one transaction per push.
    OnePerPush,
}

/// Arguments of a receiver's process.
#[derive(clap::Args)]
pub(crate) struct ReceiverArgs {
    #[arg(long)]
    kind: Kind,
    /// sqlite:PATH, or postgres://… of a server that this bench started
    #[arg(long, default_value = "")]
    database: String,
}

/// Starts a receiver's process.
pub(super) fn start(kind: Kind, database: &str) -> Result<ChildServer> {
    let name = clap::ValueEnum::to_possible_value(&kind).context("a kind without a name")?;
    ChildServer::start(&["inbox-receiver", "--kind", name.get_name(), "--database", database])
}

/// Receives until the parent process ends.
pub(crate) fn receive(args: &ReceiverArgs) -> Result<()> {
    child_server::serve(serve(args))
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
    let _server = HttpServer::start(child_server::listener().await?, router, ServerLimits::default());
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

/// Route `GET /book/FIRST/COUNT`: books the accounts of the next pushes.
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
