//! A server's process: weifen's with the API, or a bare reverse proxy.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use weifen_server::Server;
use weifen_server::weifen::config::Sources;

use super::requests::KEY;
use crate::child_server::{self, ChildServer};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Kind {
    /// Hands every request on to the vendor.
    Proxy,
    /// Serves the API.
    Weifen,
}

/// Arguments of a server's process.
#[derive(clap::Args)]
pub(crate) struct ServerArgs {
    #[arg(long)]
    kind: Kind,
    #[arg(long)]
    vendor: SocketAddr,
    /// Folder for key and database
    #[arg(long)]
    folder: PathBuf,
}

/// Starts a server's process.
pub(super) fn start(kind: Kind, vendor: &ChildServer, folder: &Path) -> Result<ChildServer> {
    let kind = clap::ValueEnum::to_possible_value(&kind).context("a kind without a name")?;
    let (vendor, folder) = (vendor.address().to_string(), folder.to_str().context("the folder is not UTF-8")?);
    ChildServer::start(&["api-server", "--kind", kind.get_name(), "--vendor", &vendor, "--folder", folder])
}

/// Serves until the parent process ends.
pub(crate) fn serve(args: &ServerArgs) -> Result<()> {
    match args.kind {
        Kind::Proxy => child_server::serve(proxy(args.vendor)),
        Kind::Weifen => child_server::serve(weifen(args)),
    }
}

#[derive(Clone)]
struct Proxy {
    client: Client<HttpConnector, Body>,
    vendor: SocketAddr,
}

async fn proxy(vendor: SocketAddr) -> Result<()> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let proxy = Proxy { client: Client::builder(TokioExecutor::new()).build(connector), vendor };
    let listener = child_server::listener().await?;
    Ok(axum::serve(listener, Router::new().fallback(forward).with_state(proxy)).await?)
}

async fn forward(State(proxy): State<Proxy>, mut request: Request) -> Result<Response, StatusCode> {
    let uri = Uri::builder().scheme("http").authority(proxy.vendor.to_string());
    let uri = uri.path_and_query(request.uri().path_and_query().map_or("/", |path| path.as_str()));
    *request.uri_mut() = uri.build().map_err(|_| StatusCode::BAD_REQUEST)?;
    let answer = proxy.client.request(request).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(answer.map(Body::new))
}

async fn weifen(args: &ServerArgs) -> Result<()> {
    std::fs::write(args.folder.join("key"), KEY)?;
    let config = format!(
        "[weiting]\nbase_url = 'http://{}'\nappid = 'bench'\nsecret = 'bench'\nuser_path = '/user'\n\
         token_store = 'memory'\n[serve]\nadmin_listen = '127.0.0.1:0'\ndatabase = 'sqlite:inbox.db'\n\
         [api]\nlisten = '127.0.0.1:0'\n[[api.callers]]\nname = 'bench'\nkey_file = 'key'\nscopes = ['weiting']\n",
        args.vendor
    );
    let config = Sources::new().toml(args.folder.join("weifen.toml"), config).load()?;
    let running = Server::builder(config).start().await?;
    child_server::tell(running.api_address().context("the API is off")?)?;
    std::future::pending().await
}
