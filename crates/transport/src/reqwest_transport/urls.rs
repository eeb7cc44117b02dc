//! Makes reqwest's URLs.

use std::sync::{Mutex, PoisonError};

use http::Uri;
use http::uri::{Authority, Scheme};
use reqwest::Url;

use crate::TransportError;

/// Parser of URLs that keeps the last: most calls of a client differ in their bodies alone, and most others in their
/// path and query, while to parse a host takes longer than all else.
#[derive(Default)]
pub(super) struct Urls(Mutex<Option<Last>>);

/// Length in bytes of the path of a kept origin: a copy has room for the path and query of most requests.
const ROOM: usize = 256;

struct Last {
    target: Uri,
    url: Url,
    /// The URL's origin, with a path that is only room.
    origin: Url,
}

impl Urls {
    /// Returns `target` as reqwest takes it.
    ///
    /// # Errors
    /// The URL is not valid for reqwest. Nothing was sent.
    pub(super) fn url(&self, target: &Uri) -> Result<Url, TransportError> {
        let (Some(scheme), Some(authority)) = (target.scheme(), target.authority()) else {
            return Url::parse(&target.to_string()).map_err(TransportError::not_sent);
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = match kept.take().filter(|last| last.is_of(scheme, authority)) {
            Some(last) if last.target.path_and_query() == target.path_and_query() => {
                return Ok(kept.insert(last).url.clone());
            }
            Some(last) => last.origin,
            None => {
                let url = format!("{scheme}://{authority}/{}", "-".repeat(ROOM));
                Url::parse(&url).map_err(TransportError::not_sent)?
            }
        };
        let mut url = origin.clone();
        url.set_path(target.path());
        url.set_query(target.query());
        *kept = Some(Last { target: target.clone(), url: url.clone(), origin });
        Ok(url)
    }
}

impl Last {
    /// Returns true for the same origin, its letters' case included: user information is case-sensitive.
    fn is_of(&self, scheme: &Scheme, authority: &Authority) -> bool {
        self.target.scheme() == Some(scheme)
            && self.target.authority().map(Authority::as_str) == Some(authority.as_str())
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
                // The second time the URL is the one that is kept.
                for _ in 0..2 {
                    prop_assert_eq!(urls.url(&target).ok(), whole.clone(), "{}", target);
                }
            }
        }
    }

    #[test]
    fn the_kept_url_is_returned_for_the_same_path_and_query_alone() {
        let urls = Urls::default();
        for target in ["http://a/b?c=1", "http://a/b?c=2", "http://a/b", "http://a/d", "http://a:81/d", "https://a/d"] {
            assert_eq!(urls.url(&Uri::from_static(target)).unwrap(), Url::parse(target).unwrap());
        }
    }

    #[test]
    fn a_target_without_a_host_is_refused() {
        assert!(matches!(Urls::default().url(&Uri::from_static("/path")), Err(TransportError::NotSent(_))));
    }
}
