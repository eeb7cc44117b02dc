//! Decides which calls use a proxy.

use std::io;
use std::sync::Arc;

use reqwest::{NoProxy, Proxy, Url};

use crate::BuildError;
use crate::http_client::is_this_machine;

/// Returns true where a call to `url` bypasses the proxy at `proxy`: its target is this machine (`localhost` and names
/// below it, 127.0.0.0/8, `::1`) and the proxy is another. Plain http may carry credentials within this machine only.
pub fn is_past_proxy(url: &str, proxy: &str) -> bool {
    let is_here = |url| Url::parse(url).is_ok_and(|url| leads_here(&url));
    is_here(url) && !is_here(proxy)
}

/// # Errors
/// When `url` is not the URL of an http or https proxy.
pub(super) fn for_all(url: &str) -> Result<Proxy, BuildError> {
    let proxy = Proxy::all(url).map_err(|error| BuildError::Proxy(Arc::new(error.without_url())))?;
    // reqwest accepts any scheme here, but then every call would fail.
    let url = Url::parse(url).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    let Some(url) = url else {
        return Err(BuildError::Proxy(Arc::new(io::Error::other("the scheme is neither http nor https"))));
    };
    let past = if leads_here(&url) { None } else { NoProxy::from_string("localhost,127.0.0.0/8,::1") };
    Ok(proxy.no_proxy(past))
}

fn leads_here(url: &Url) -> bool {
    is_this_machine(url.host_str().unwrap_or_default())
}
