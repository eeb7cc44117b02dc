//! A server with the API on, whose vendors are a sandbox.

use std::net::SocketAddr;
use std::path::PathBuf;

use weifen_sandbox::{Sandbox, test_data};
use weifen_server::weifen::Config;
use weifen_server::weifen::config::Sources;
use weifen_server::weifen::inbox::Database;
use weifen_server::{Running, Server};

use super::client::{Answer, Request};
use crate::setup::Setup;

/// The key of the caller `shop`, who may do everything.
pub(crate) const KEY: &str = "shop-key-0123456789abcdef0123456789";

pub(crate) const ALL_SCOPES: &str = "['weiting', 'fensi', 'token', 'inbox:read', 'inbox:write']";

const SQLITE: &str = "sqlite:inbox.db";

pub(crate) struct Service {
    pub(crate) running: Running,
    pub(crate) sandbox: Sandbox,
    setup: Setup,
}

impl Service {
    /// With the caller `shop`, and with these lines of TOML at the end of `[[api.callers]]`.
    pub(crate) async fn start(more: &str) -> Self {
        Self::start_with("", more).await
    }

    /// The same, with these lines of TOML in `[api]`.
    pub(crate) async fn start_with(api: &str, more: &str) -> Self {
        Self::started(SQLITE, api, more).await
    }

    /// With this database.
    pub(crate) async fn at(database: &str) -> Self {
        Self::started(database, "", "").await
    }

    async fn started(database: &str, api: &str, more: &str) -> Self {
        let (setup, sandbox) = (Setup::new(), Sandbox::start().await.unwrap());
        let config = config_with(&setup, &vendors(&sandbox), database, api, more);
        let running = Server::builder(config).start().await.unwrap();
        Self { running, sandbox, setup }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.api_address().expect("the API is on")
    }

    /// The database, for another program.
    pub(crate) fn database(&self) -> Database {
        Database::sqlite(self.path("inbox.db"))
    }

    /// A file in its folder.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.setup.path(file)
    }

    /// Sends a request by the key of `shop`.
    pub(crate) async fn send(&self, request: Request) -> Answer {
        request.key(KEY).send(self.address()).await
    }

    pub(crate) async fn stop(self) {
        self.running.drain().await;
        self.sandbox.stop().await;
    }
}

/// The sections of both vendors, as the sandbox has them.
pub(crate) fn vendors(sandbox: &Sandbox) -> String {
    format!(
        "[weiting]\nbase_url = '{}'\nappid = '{}'\nsecret = '{}'\nuser_path = '{}'\ntoken_store = 'memory'\n\
         [fensi]\nbase_url = '{}'\ndevelop_appid = '{}'\napp_secret = '{}'\nkey = '{}'\n",
        sandbox.weiting_base_url(),
        test_data::APPID,
        test_data::SECRET,
        test_data::USER_PATH,
        sandbox.fensi_base_url(),
        test_data::DEVELOP_APPID,
        test_data::APP_SECRET,
        test_data::KEY,
    )
}

/// A configuration with the API on: these vendors, the caller `shop`, and more lines at the end.
pub(crate) fn config(setup: &Setup, vendors: &str, more: &str) -> Config {
    config_with(setup, vendors, SQLITE, "", more)
}

fn config_with(setup: &Setup, vendors: &str, database: &str, api: &str, more: &str) -> Config {
    std::fs::write(setup.path("shop-key"), format!("{KEY}\n")).unwrap();
    let text = format!(
        "{vendors}\n[serve]\nadmin_listen = '127.0.0.1:0'\ndatabase = '{database}'\ndrain_s = 5\n\
         [api]\nlisten = '127.0.0.1:0'\n{api}\n[[api.callers]]\nname = 'shop'\nkey_file = 'shop-key'\nscopes = {ALL_SCOPES}\n{more}"
    );
    Sources::new().toml(setup.path("weifen.toml"), text).load().unwrap()
}
