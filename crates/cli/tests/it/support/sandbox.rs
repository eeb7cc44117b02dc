//! A sandbox in the test's own process, so that the test sees what arrived there.

use serde_json::Value;
use weifen::sandbox::{LogEntry, Sandbox};

use super::{Ended, Program, TOKEN};

pub(crate) struct Sandboxed {
    sandbox: Sandbox,
}

impl Sandboxed {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { sandbox: runtime.block_on(Sandbox::start()).unwrap() }
    }

    /// The program with this sandbox's addresses and credentials in its environment.
    pub(crate) fn program(&self, arguments: &[&str]) -> Program {
        let ready = self.sandbox.ready();
        Program::new(arguments)
            .env("WEIFEN_WEITING_BASE_URL", &ready.weiting_base_url)
            .env("WEIFEN_WEITING_APPID", &ready.appid)
            .env("WEIFEN_WEITING_SECRET", &ready.secret)
            .env("WEIFEN_WEITING_USER_PATH", &ready.user_path)
            .env("WEIFEN_FENSI_BASE_URL", &ready.fensi_base_url)
            .env("WEIFEN_FENSI_DEVELOP_APPID", &ready.develop_appid)
            .env("WEIFEN_FENSI_APP_SECRET", &ready.app_secret)
            .env("WEIFEN_FENSI_KEY", &ready.key)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.program(arguments).run()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Ended {
        self.program(arguments).arg("--json").run()
    }

    pub(crate) fn fensi_base_url(&self) -> String {
        self.sandbox.fensi_base_url()
    }

    pub(crate) fn control_url(&self) -> String {
        self.sandbox.ready().control_url
    }

    /// Lets pushes go to `url`.
    pub(crate) fn push_to(&self, url: &str) {
        self.sandbox.set_push_url(Some(url)).unwrap();
    }

    pub(crate) fn state(&self) -> Value {
        self.sandbox.state()
    }

    pub(crate) fn log(&self) -> Vec<LogEntry> {
        self.sandbox.log()
    }

    /// Number of token fetches that arrived.
    pub(crate) fn fetches(&self) -> usize {
        self.log().iter().filter(|entry| entry.path == TOKEN).count()
    }

    /// A browser's way from the consent page's address to the URL that it comes back to.
    pub(crate) fn consent(&self, redirect: &str) -> String {
        let (_, state) = redirect.split_once("&state=").unwrap();
        let (state, _) = state.split_once('#').unwrap();
        let path = format!("/service/wxoauth/2.0/wxcode?state={state}");
        super::server::location(self.sandbox.addr(), &path)
    }
}
