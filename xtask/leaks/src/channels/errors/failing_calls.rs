//! Calls that fail: at vendors of every manner, and through wrongly configured transports.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use weifen::transport::{ReqwestTransport, Transport};

use super::{NOWHERE, add, add_calls};
use crate::calls::{self, Visit};
use crate::canary::Secret;
use crate::capture::{Capture, debugged};
use crate::vendor::{Manner, Vendor};

pub(super) async fn to_every_vendor(capture: &mut Capture) -> Result<()> {
    for Visit { manner, calls, signatures } in calls::everywhere(Manner::all(), |transport| transport).await? {
        add_calls(capture, &format!("a vendor that {manner:?}"), calls);
        capture.signatures.extend(signatures);
    }
    Ok(())
}

pub(super) async fn through_wrong_transports(capture: &mut Capture) -> Result<()> {
    let proxy = Vendor::start(Manner::Refuses, true)?;
    let password = Secret::ProxyPassword.value();
    let short = || ReqwestTransport::builder().timeout(Duration::from_millis(300));
    let away = format!("http://{password}:{password}@{NOWHERE}");
    let there = proxy.url().replace("http://", &format!("http://u:{password}@"));
    for (from, url, transport) in [
        ("nobody there", format!("http://{NOWHERE}"), short()),
        ("no such name", "https://no-such-name.invalid".to_owned(), short()),
        ("no TLS", proxy.url().replace("http:", "https:"), short()),
        ("a proxy that is away", format!("http://{NOWHERE}"), short().proxy(&away)),
        ("a proxy that is away, https", format!("https://{NOWHERE}"), short().proxy(&away)),
        ("a proxy that refuses", format!("http://{NOWHERE}"), short().proxy(&there)),
        ("a proxy that refuses, https", format!("https://{NOWHERE}"), short().proxy(&there)),
    ] {
        capture.add(from, debugged(&transport));
        let transport = transport.build()?;
        capture.add(from, debugged(&transport));
        let transport: Arc<dyn Transport> = Arc::new(transport);
        add_calls(capture, from, calls::all(&url, &transport).await?);
    }
    for wrong in
        [format!("http://{password}:{password}@"), format!("::{password}"), format!("{password}://u:{password}@h")]
    {
        let Err(error) = short().proxy(&wrong).build() else { anyhow::bail!("a proxy that is none is taken") };
        add(capture, "a proxy that is none", &error);
    }
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", Secret::Extra.value());
    let Err(error) = short().ca_pem(pem).build() else { anyhow::bail!("authorities that are none are taken") };
    add(capture, "authorities that are none", &error);
    Ok(())
}
