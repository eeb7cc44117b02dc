//! Serves as weifen.toml says, with a handler of its own: `cargo run -p weifen-server --example own_handler`.

use std::sync::Arc;
use weifen_server::weifen::inbox::{FollowEvent, Handler, HandlerError, IdempotencyKey};
use weifen_server::weifen::{Config, transport::async_trait};
use weifen_server::{Running, Server, StartError};

#[derive(Debug)]
struct VendingMachine;

#[async_trait]
impl Handler for VendingMachine {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError> {
        println!("{key}: device {} hands out its goods", event.push.key);
        Ok(())
    }
}

pub(crate) async fn serve(config: Config) -> Result<Running, StartError> {
    Server::builder(config).handler(Arc::new(VendingMachine)).start().await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let running = serve(Config::from_process_env()?).await?;
    tokio::signal::ctrl_c().await?;
    running.drain().await;
    Ok(())
}
