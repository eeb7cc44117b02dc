//! Makes reqwest's URLs.

use std::sync::{Mutex, PoisonError};

use http::Uri;
use http::uri::{Authority, Scheme};
use reqwest::Url;

use crate::TransportError;

/// Parser of URLs that keeps the last origin: to parse a host takes longer than all else, and most requests of a
/// transport go to one.
#[derive(Default)]
pub(super) struct Urls(Mutex<Option<Origin>>);

/// Length in bytes of the path of a kept origin: a copy has room for the path and query of most requests.
const ROOM: usize = 256;

struct Origin {
    scheme: Scheme,
    authority: Authority,
    url: Url,
}

impl Urls {
    /// Returns `target` as reqwest takes it.
    ///
    /// # Errors
    /// It is no URL for reqwest. Nothing was sent.
    pub(super) fn url(&self, target: &Uri) -> Result<Url, TransportError> {
        let mut url = match (target.scheme(), target.authority()) {
            (Some(scheme), Some(authority)) => self.origin(scheme, authority)?,
            _ => return Url::parse(&target.to_string()).map_err(TransportError::not_sent),
        };
        url.set_path(target.path());
        url.set_query(target.query());
        Ok(url)
    }

    fn origin(&self, scheme: &Scheme, authority: &Authority) -> Result<Url, TransportError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = &*kept
            && origin.scheme == *scheme
            && origin.authority.as_str() == authority.as_str()
        {
            return Ok(origin.url.clone());
        }
        let url = format!("{scheme}://{authority}/{}", "-".repeat(ROOM));
        let url = Url::parse(&url).map_err(TransportError::not_sent)?;
        *kept = Some(Origin { scheme: scheme.clone(), authority: authority.clone(), url: url.clone() });
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_url_is_the_same_as_if_it_were_parsed_whole(
            texts in prop::collection::vec("(https?|HTTP)://(a\\.example|A\\.Example:81|u:p@b|127\\.1|\\[::1\\]:80)[ -~&&[^?# ]]{0,1}(/[!-~&&[^#?]]{0,8}){0,3}(\\?[!-~&&[^#]]{0,8})?", 4),
        ) {
            let urls = Urls::default();
            for target in texts.iter().filter_map(|text| text.parse::<Uri>().ok()) {
                let whole = Url::parse(&target.to_string()).ok();
                prop_assert_eq!(urls.url(&target).ok(), whole, "{}", target);
            }
        }
    }

    #[test]
    fn a_target_without_a_host_is_refused() {
        assert!(matches!(Urls::default().url(&Uri::from_static("/path")), Err(TransportError::NotSent(_))));
    }
}
