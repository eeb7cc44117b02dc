//! Pushes with any values: equal in JSON and as a form, and unchanged by writing and reading.

use proptest::option::of;
use proptest::prelude::*;
use serde_json::{Value, json};
use weifen_proto::Undecodable;
use weifen_proto::fensi::Push;

use crate::json::{any_document, written};

const IDENTIFIER: &str = "[!-~\u{4e00}-\u{4eff}]{1,20}";

prop_compose! {
    /// Fields of a push: those that identify the follow are present, any other may be absent or a text.
    fn fields()(
        needed in [IDENTIFIER; 4], bid in 0..=i64::MAX, bid_is_text in any::<bool>(), server_url in of("\\PC{1,20}"),
        appname in of("\\PC{1,9}"), openid in of(IDENTIFIER), nickname in of(any::<String>()), state in of("[^\u{fffd}]{0,9}")
    ) -> Value {
        let [key, develop_appid, user, appid] = needed;
        let bid = if bid_is_text { json!(bid.to_string()) } else { json!(bid) };
        let mut push = json!({"key": key, "develop_appid": develop_appid, "auth_open_id": user, "bidding": bid, "appid": appid});
        for (name, value) in [("server_url", server_url), ("appname", appname), ("openid", openid), ("nickname", nickname), ("state", state)] {
            if let Some(value) = value {
                push[name] = json!(value);
            }
        }
        push
    }
}

fn form(push: &Value) -> String {
    let value = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = push.as_object().unwrap().iter().map(|(name, field)| (name, value(field)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn parsed(body: &str) -> Result<Push, Undecodable> {
    Push::parse(body.as_bytes())
}

proptest! {
    #[test]
    fn a_push_is_the_same_in_json_and_as_a_form(made in fields()) {
        let push = parsed(&made.to_string()).unwrap();
        prop_assert_eq!(parsed(&form(&made)), Ok(push.clone()));
        let with_comma = made.to_string().replace('}', ",}");
        if !made.to_string().trim_end_matches('}').contains('}') {
            prop_assert_eq!(parsed(&with_comma), Ok(push.clone()));
        }
        let again = serde_json::to_vec(&push).unwrap();
        prop_assert_eq!(Push::parse(&again), Ok(push.clone()));
        let text = |name: &str| made.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        prop_assert_eq!(push.state.as_deref(), text("state"));
        prop_assert_eq!(push.openid.as_deref(), text("openid"));
        prop_assert_eq!(Some(push.key.as_str()), text("key"));
        prop_assert_eq!(push.nickname.as_str(), text("nickname").unwrap_or_default());
        prop_assert_eq!(json!(push.bid.0).to_string(), made["bidding"].to_string().replace('"', ""));
    }

    #[test]
    fn an_unknown_field_changes_no_push(made in fields(), value in any_document()) {
        let push = parsed(&made.to_string()).unwrap();
        let mut with = made.clone();
        with["weifen_unknown"] = value.clone();
        prop_assert_eq!(parsed(&with.to_string()), Ok(push.clone()));
        let with = format!("{}&{}", form(&made), form(&json!({"weifen_unknown": value})));
        prop_assert_eq!(parsed(&with), Ok(push.clone()));
    }

    #[test]
    fn a_push_without_what_identifies_the_follow_is_an_error_that_names_it(made in fields(), at in 0..5_usize) {
        let name = ["key", "develop_appid", "auth_open_id", "bidding", "appid"][at];
        let mut without = made.clone();
        without.as_object_mut().unwrap().remove(name);
        for body in [without.to_string(), form(&without)] {
            let told = parsed(&body).unwrap_err().to_string();
            prop_assert_eq!(told, format!("at .: missing field `{name}`"));
        }
    }

    #[test]
    fn a_field_that_stands_twice_is_refused(made in fields(), value in "[a-z]{0,5}") {
        let body = written(&made, Some(&json!(value)));
        let form = format!("{}&appid={value}", form(&made));
        for body in [body, form] {
            prop_assert!(parsed(&body).is_err());
        }
    }

    #[test]
    fn no_error_shows_a_value(mut made in fields(), at in 0..5_usize, value in any_document()) {
        for (_, field) in made.as_object_mut().unwrap() {
            *field = json!("zq7 canary");
        }
        made[["key", "bidding", "appid", "state", "nickname"][at]] = value;
        for body in [made.to_string(), form(&made)] {
            let error = parsed(&body).unwrap_err();
            prop_assert!(!format!("{error} {error:?}").contains("canary"), "{}", error);
        }
    }

    #[test]
    fn no_form_panics(form in "([a-z_]{0,12}(=([a-z0-9%+]|%[0-9a-f]{2}){0,12})?&?){0,12}") {
        _ = (parsed(&form), Push::drifts(form.as_bytes()), Push::from_form(&form));
    }
}
