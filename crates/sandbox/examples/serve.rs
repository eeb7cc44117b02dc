//! Serves both vendors until Ctrl-C and prints how to reach them: `cargo run --example serve -- [LISTEN] [PUSH_URL]`.

use std::error::Error;

use weifen_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut builder = Sandbox::builder();
    if let Some(listen) = arguments.next() {
        builder = builder.listen(listen.parse()?);
    }
    if let Some(url) = arguments.next() {
        builder = builder.push_url(url);
    }
    let sandbox = builder.start().await?;
    println!("{}", serde_json::to_string(&sandbox.ready())?);
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}
