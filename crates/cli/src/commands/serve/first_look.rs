//! `weifen serve --sandbox`: a sandbox in this process that pushes here, with a fresh secret, a temporary inbox unless
//! a flag names another, and the HTTP API with a fresh key, by which deliveries are claimed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use weifen::config::Sources;
use weifen::sandbox::{Ready, Sandbox, test_data};

use crate::commands::sandbox::{exports, settings};
use crate::failure::Failure;
use crate::shell;
use crate::temporary_place::TemporaryPlace;

pub(super) struct FirstLook {
    sandbox: Sandbox,
    place: TemporaryPlace,
    key_file: PathBuf,
    /// The key of the API's only caller.
    pub(super) api_key: String,
}

impl FirstLook {
    pub(super) async fn prepare() -> Result<Self, Failure> {
        let sandbox = Sandbox::start().await.map_err(|error| Failure::config(&error))?;
        let place = TemporaryPlace::make()?;
        let (key_file, api_key) = place.api_key()?;
        Ok(Self { sandbox, place, key_file, api_key })
    }

    /// Sets the sandbox's values, and replaces the configured inbox, secret and deliveries: a first look in a shop's
    /// folder must not hand out the shop's goods.
    pub(super) fn settings(&self, sources: Sources) -> Sources {
        let ready = self.sandbox.ready();
        settings(self.place.settings(sources), &ready)
            .set("serve.keys", ready.key)
            .set("serve.allow_ips", "")
            .set("serve.deliver_url", "")
            .set("serve.deliver_secret_file", "")
            .set("api.listen", "127.0.0.1:0")
            .only_caller("first-look", self.key_file.display().to_string())
    }

    /// Makes the sandbox push to `address`, with the first of these secrets.
    pub(super) fn push_to(&self, address: SocketAddr, secrets: &[SecretString]) -> Result<(), Failure> {
        let secret = secrets.first().map(ExposeSecret::expose_secret).unwrap_or_default();
        let url = format!("http://{}/push/{secret}", reachable(address));
        self.sandbox.set_push_url(Some(&url)).map_err(|error| Failure::config(&error))
    }

    pub(super) fn sandbox(&self) -> Ready {
        self.sandbox.ready()
    }

    pub(super) async fn stop(self) {
        self.sandbox.stop().await;
    }
}

/// Address of the HTTP API, and the key of its only caller.
#[derive(Debug, Serialize)]
pub(super) struct ApiAccess {
    pub(super) url: String,
    pub(super) key: String,
}

/// The address by which this machine reaches its own listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// A command of sed: of a claim's answer it makes the acknowledgement.
const ACK: &str =
    r#"s/.*\[{"id":\([0-9]*\),"webhook_id":"[^"]*","lease":"\([^"]*\)".*/{"acks":[{"id":\1,"lease":"\2","ok":true}]}/"#;

/// Instructions to follow a push from another terminal, and to call the HTTP API.
pub(super) fn what_to_do(sandbox: &Ready, database: &str, api: &ApiAccess) -> String {
    let exports = exports(&[
        ("WEIFEN_FENSI_BASE_URL", &sandbox.fensi_base_url),
        ("WEIFEN_FENSI_DEVELOP_APPID", &sandbox.develop_appid),
        ("WEIFEN_FENSI_APP_SECRET", &sandbox.app_secret),
        ("WEIFEN_FENSI_KEY", &sandbox.key),
        ("WEIFEN_SERVE_KEYS", &sandbox.key),
        ("WEIFEN_SERVE_DATABASE", database),
    ]);
    format!(
        "

A sandbox of both vendors pushes here. To see a push on its way, paste these lines into another terminal:

# 1. Name the sandbox, its credentials and this inbox.
{exports}

# 2. Ask for a QR code for a user, and book it: its push is expected then.
{weifen} fensi qrcode --book --auth-open-id {user} --nickname 追梦小窝 --sex 0 --ip 183.13.188.125

# 3. Let the user follow: the sandbox pushes, and the delivery waits here.
{weifen} sandbox follow --control {control} --auth-open-id {user}

# 4. Claim the delivery over the HTTP API, as a program in any language does.
claimed=$(curl -s {url}/v1/deliveries/claim {headers} -d '{{\"max\":1,\"wait_s\":10,\"lease_s\":60}}')
printf '%s\n' \"$claimed\"

# 5. Hand out the goods, and then acknowledge it.
acks=$(printf '%s' \"$claimed\" | sed '{ack}')
curl -s {url}/v1/deliveries/ack {headers} -d \"$acks\"

# 6. List what the inbox holds.
{weifen} inbox list

# 7. Ask 微厅 over the HTTP API.
curl -s {url}/v1/weiting/users/{openid} -H 'Authorization: Bearer {key}'
curl -s {url}/v1/weiting/mobile {headers} -d '{{\"ticket\":\"{ticket}\"}}'",
        url = api.url,
        key = api.key,
        headers = format_args!("-H 'Authorization: Bearer {}' -H 'Content-Type: application/json'", api.key),
        ack = ACK,
        openid = test_data::OPENID,
        ticket = test_data::TICKETS[0].0,
        weifen = shell::this_program(),
        control = sandbox.control_url,
        user = test_data::AUTH_OPEN_ID,
    )
}
