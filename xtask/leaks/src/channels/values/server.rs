//! The server that a configuration describes.

use anyhow::Result;
use weifen::config::Sources;
use weifen_server::Server;

use super::Shown;
use crate::canary::Secret;

pub(super) async fn show(shown: &mut Shown) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("push"), Secret::PushSecret.value())?;
    std::fs::write(file("key"), Secret::PushSecret.value().repeat(2))?;
    let sources = || {
        Sources::new()
            .set("fensi.develop_appid", "a-developer")
            .set("fensi.app_secret", Secret::AppSecret.value())
            .set("serve.listen", "127.0.0.1:0")
            .set("serve.admin_listen", "127.0.0.1:0")
            .set("serve.push_secret_file", file("push"))
            .set("api.listen", "127.0.0.1:0")
            .toml(folder.path().join("weifen.toml"), "[[api.callers]]\nname = 'shop'\nkey_file = 'key'\n")
    };
    let server = Server::builder(sources().set("serve.database", format!("sqlite:{}", file("inbox.db"))).load()?);
    shown.value(&server);
    let running = server.start().await?;
    shown.value(&running);
    shown.value(&running.deliveries());
    running.drain().await;
    let away = format!("postgres://u:{}@127.0.0.1:9/d", Secret::DatabasePassword.value());
    let Err(error) = Server::builder(sources().set("serve.database", away).load()?).start().await else {
        anyhow::bail!("it starts")
    };
    shown.error(&error);
    Ok(())
}
