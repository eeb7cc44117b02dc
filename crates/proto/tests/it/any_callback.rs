//! The callback URL of the consent page, for any `state` and any code.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::option::of;
use proptest::prelude::*;
use weifen_proto::weiting::{AuthorizeUrlRequest, OpenidByCodeRequest};
use weifen_proto::{Endpoint, Value};

/// Part of a query or a fragment, which may hold codes of the caller's own.
const PART: &str = "(code=[a-z0-9]{0,5}|[a-z]{1,5}(=[a-z0-9%?/+=:.]{0,9})?)";

fn pattern(text: &str) -> impl Strategy<Value = String> + use<> {
    proptest::string::string_regex(text).unwrap()
}

prop_compose! {
    /// A caller's `state`: an address, a query, a fragment.
    fn state()(
        host in "https?://[a-z]{1,9}(:[0-9]{2,4})?", path in "(/[a-z=&]{0,9}){0,3}", query in of(pattern(&format!("({PART}&?){{0,3}}"))),
        fragment in of(pattern(&format!("/?[a-z/]{{0,9}}(\\?{PART}(&{PART}){{0,2}})?")))
    ) -> (String, String) {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        (format!("{host}{path}{query}"), fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default())
    }
}

/// Returns the code found in a callback URL.
fn found(url: &str) -> Option<String> {
    let request = OpenidByCodeRequest::from_callback(url).ok()?;
    let code = request.parameters().iter().find(|parameter| parameter.name == "code")?.value.clone();
    match code {
        Value::Text(code) => Some(code.into_owned()),
        _ => None,
    }
}

fn added(url: &str, code: &str) -> String {
    format!("{url}{}code={code}", if url.contains('?') { '&' } else { '?' })
}

proptest! {
    #[test]
    fn the_code_that_the_vendor_added_is_found((address, fragment) in state(), code in "[!-~\u{4e00}-\u{4eff}]{1,40}") {
        let is_state = AuthorizeUrlRequest::new(format!("{address}{fragment}")).is_ok();
        prop_assert!(is_state);
        let written = utf8_percent_encode(&code, NON_ALPHANUMERIC).to_string();
        prop_assert_eq!(found(&format!("{}{fragment}", added(&address, &written))), Some(code));
    }

    #[test]
    fn a_code_in_base64_is_found_as_it_is((address, fragment) in state(), code in "[A-Za-z0-9+/_-]{1,40}={0,2}") {
        prop_assert_eq!(found(&format!("{}{fragment}", added(&address, &code))), Some(code));
    }

    #[test]
    fn a_code_behind_the_fragment_is_found_where_the_query_has_none(
        (address, fragment) in state().prop_filter("its query has none", |(address, _)| !address.contains("code=")),
        code in "[A-Za-z0-9]{1,40}"
    ) {
        prop_assert_eq!(found(&added(&format!("{address}{fragment}"), &code)), Some(code));
    }

    #[test]
    fn any_url_has_a_code_or_is_said_to_have_none(url in "\\PC{0,60}", escapes in "(%[0-9a-f]{2}){0,9}") {
        for url in [url.clone(), format!("https://a/?code={escapes}"), format!("https://a/?code={url}")] {
            if let Err(error) = OpenidByCodeRequest::from_callback(&url) {
                prop_assert!(error.to_string().contains("code") || error.to_string().contains("callback"), "{}", error);
                prop_assert!(url.len() < 12 || !error.to_string().contains(&url));
            }
        }
    }
}
