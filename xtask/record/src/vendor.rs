//! The vendors, with the scenarios, credentials and folders of their recordings.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use weifen_sandbox::Sandbox;
use weifen_transport::cassette::{Allowed, Inputs, Scenario};

use crate::scenarios;

/// Time of the sandbox's clock, in seconds since 1970: that of the vendor's own example, as is the first nonce.
pub(crate) const TIMESTAMP: i64 = 1_557_200_022;
const NONCES: [&str; 3] = ["jbh12345", "jbh12346", "jbh12347"];

/// A vendor whose calls are recorded.
pub(crate) struct Vendor {
    pub(crate) name: &'static str,
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) allowed: Allowed,
    /// Inputs of its clients against a sandbox: public test credentials, timestamp and nonces.
    pub(crate) test_credentials: fn(&Sandbox) -> Inputs,
    /// The code that a sandbox gives first, where scenarios need one.
    pub(crate) first_code: Option<&'static str>,
    /// Base URL of the live vendor.
    pub(crate) base_url: &'static str,
    /// Names of the inputs with the app's id, its secret and, if it has one, its key.
    pub(crate) appid: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) key: Option<&'static str>,
    /// The scenario that comes first at the live vendor; its answer is an input, of this same name, of all others.
    pub(crate) shared: Option<&'static str>,
}

pub(crate) fn all() -> [Vendor; 2] {
    [weiting(), fensi()]
}

pub(crate) fn weiting() -> Vendor {
    Vendor {
        name: "weiting",
        scenarios: scenarios::weiting::all(),
        allowed: weifen_weiting::cassette::allowed(),
        test_credentials: |sandbox| {
            Inputs::new()
                .with_integer("timestamp", TIMESTAMP)
                .with_text("appid", sandbox.appid())
                .with_text("secret", sandbox.secret())
        },
        first_code: Some(scenarios::weiting::FIRST_CODE),
        base_url: "https://m.sh.189.cn",
        appid: "appid",
        secret: "secret",
        key: None,
        shared: Some("access_token"),
    }
}

pub(crate) fn fensi() -> Vendor {
    Vendor {
        name: "fensi",
        scenarios: scenarios::fensi::all(),
        allowed: weifen_fensi::cassette::allowed(),
        test_credentials: |sandbox| {
            Inputs::new()
                .with_integer("timestamp", TIMESTAMP)
                .with_texts("nonces", NONCES)
                .with_text("develop_appid", sandbox.develop_appid())
                .with_text("app_secret", sandbox.app_secret())
                .with_text("key", sandbox.key())
        },
        first_code: None,
        base_url: "https://api.fensiwansui.com",
        appid: "develop_appid",
        secret: "app_secret",
        key: Some("key"),
        shared: None,
    }
}

impl Vendor {
    /// Returns the folder of its cassettes.
    pub(crate) fn folder(&self, root: &Path) -> Result<PathBuf> {
        let package = root.join("crates").join(self.name);
        let is_there = package.join("Cargo.toml").is_file();
        ensure!(is_there, "crates/{} is not here: run this as `cargo xtask record`", self.name);
        Ok(package.join("cassettes"))
    }
}
