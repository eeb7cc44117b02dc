//! Both clients from one configuration, against the sandbox. A service would call `Config::from_process_env()`.

use weifen::Weifen;
use weifen::config::Sources;
use weifen_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let config = format!(
        "[weiting]\nbase_url = '{}'\nappid = '{}'\nsecret = '{}'\n\
         [fensi]\nbase_url = '{}'\ndevelop_appid = '{}'\napp_secret = '{}'\n",
        sandbox.weiting_base_url(),
        sandbox.appid(),
        sandbox.secret(),
        sandbox.fensi_base_url(),
        sandbox.develop_appid(),
        sandbox.app_secret(),
    );
    let weifen = Weifen::builder(Sources::new().toml("weifen.toml", config).load()?).build()?;

    let token = weifen.weiting()?.access_token().await?;
    println!("微厅 gave token number {} of this process", token.generation());
    for city in weifen.fensi()?.cities().await? {
        println!("粉丝万岁 knows {}", city.name);
    }
    Ok(())
}
