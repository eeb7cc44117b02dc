//! The configuration, and the values that are built from it.

use anyhow::{Context, Result};
use weifen::Weifen;
use weifen::config::Sources;

use super::Shown;
use crate::canary::Secret;

pub(super) fn show(shown: &mut Shown) -> Result<()> {
    let sources = || {
        let url = |scheme: &str, password: Secret| format!("{scheme}://u:{}@127.0.0.1:9/0", password.value());
        let base = Sources::new()
            .set("weiting.appid", "an-appid")
            .set("weiting.secret", Secret::WeitingSecret.value())
            .set("weiting.token_store", url("redis", Secret::RedisPassword))
            .set("fensi.develop_appid", "a-developer")
            .set("fensi.app_secret", Secret::AppSecret.value())
            .set("serve.database", url("postgres", Secret::DatabasePassword))
            .set("serve.deliver_url", Secret::DeliverUrl.value())
            .set("http.proxy", format!("http://u:{}@127.0.0.1:9", Secret::ProxyPassword.value()));
        base.environment([("WEIFEN_SERVE_KEYS", "a-key")])
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("secret");
    std::fs::write(&file, Secret::DeliverSecret.value())?;
    std::fs::write(folder.path().join("key"), Secret::PushSecret.value().repeat(2))?;
    let callers = "[api]\nlisten = '127.0.0.1:0'\n[[api.callers]]\nname = 'shop'\nkey_file = 'key'\nscopes = ['token']";
    let sources = || {
        let sources = sources().toml(folder.path().join("weifen.toml"), callers);
        sources.set("serve.deliver_secret_file", file.display().to_string())
    };
    shown.value(&sources());
    let examined = sources().examine();
    shown.value(&examined);
    shown.value(examined.keys.first().context("no key")?);
    let config = sources().load()?;
    shown.value(&config);
    shown.value(&config.weiting);
    shown.value(&config.fensi);
    shown.value(&config.http);
    shown.value(&config.serve);
    shown.value(&config.api);
    let caller = config.api.callers()?.first().context("no caller")?;
    caller.keys()?;
    shown.value(caller);
    shown.value(caller.scopes.first().context("no scope")?);
    shown.text(config.weiting.token_store.as_ref().context("no store")?);
    shown.value(&config.serve.database);
    shown.value(&config.serve.delivery()?.context("no delivery")?);
    shown.value(&config.serve.delivery()?.context("no delivery")?.url);
    shown.value(config.http.proxy.as_ref().context("no proxy")?);
    shown.text(config.origin("weiting.secret").context("no origin")?);
    let builder = Weifen::builder(config);
    shown.value(&builder);
    shown.value(&builder.build()?);
    let Err(error) = sources().set("http.timeout_s", Secret::WeitingSecret.value()).load() else {
        anyhow::bail!("it is taken")
    };
    shown.error(&error);
    shown.error(&weifen::SetupError::Config(error));
    Ok(())
}
