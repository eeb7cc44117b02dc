//! The server that a configuration describes.

use std::time::Duration;

use anyhow::Result;
use weifen::config::Sources;
use weifen::journal::{Answer, Begun, CallKey, End, Fingerprint, Journal, NewCall, Outcome, Times};
use weifen_server::Server;

use super::Shown;
use crate::canary::Secret;

fn times() -> Times {
    Times { sendable: Duration::from_secs(60), kept: Duration::from_secs(60) }
}

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
    let journal = Journal::open(running.inbox().pool().clone(), times()).await?;
    let key = CallKey::new("shop", &Secret::PushSecret.value())?;
    let fields = serde_json::json!({ "openid": Secret::PushName.value() });
    let fingerprint = Fingerprint::new(&key, "POST", "/v1/weiting/order-reports", &fields);
    shown.value(&key);
    shown.value(&fingerprint);
    let call = NewCall { key: key.clone(), operation: "weitingOrderReport", fingerprint };
    shown.value(&call);
    let Begun::Send(sending) = journal.begin(call.clone()).await? else { anyhow::bail!("it is not sent") };
    shown.value(&sending);
    let answer = Answer { status: 200, body: format!("{{\"order_number\":\"{}\"}}", Secret::PushName.value()) };
    shown.value(&answer);
    journal.end(&sending, End::Answered(Outcome::Done, answer)).await?;
    shown.value(&journal.begin(call).await?);
    shown.value(&journal.call(&key).await?);
    shown.value(&journal);
    running.drain().await;
    let away = format!("postgres://u:{}@127.0.0.1:9/d", Secret::DatabasePassword.value());
    let Err(error) = Server::builder(sources().set("serve.database", away).load()?).start().await else {
        anyhow::bail!("it starts")
    };
    shown.error(&error);
    Ok(())
}
