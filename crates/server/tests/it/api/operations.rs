//! Each operation's good case, in the words of the command line's JSON.

use serde_json::json;
use weifen_sandbox::test_data;

use super::client::{Answer, Request};
use super::service::Service;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_goes_through_consent_and_is_known() {
    let service = Service::start("").await;
    let state = json!({ "state": "https://shop.example/back?machine=7" });
    let redirect = service.send(Request::post("/v1/weiting/authorize-url", state.to_string())).await.ok();
    let redirect = redirect["redirect"].as_str().unwrap().to_owned();
    for by in ["code", "callback"] {
        let (callback, code) = consent(&redirect).await;
        let given = if by == "code" { json!({ "code": code }) } else { json!({ "callback": callback }) };
        let answer = service.send(Request::post("/v1/weiting/openid", given.to_string())).await;
        assert_eq!(answer.ok(), json!({ "openid": test_data::OPENID }), "{by}");
    }
    service.stop().await;
}

/// The URL at which the browser comes back from the page of consent, and the code in it.
async fn consent(redirect: &str) -> (String, String) {
    let page = visit(redirect).await;
    let (_, link) = page.body.split_once("href=\"").unwrap();
    let back = visit(&link.split('"').next().unwrap().replace("&amp;", "&")).await;
    let callback = back.header("location").unwrap_or_else(|| panic!("the page sends back: {back:?}")).to_owned();
    let (_, code) = callback.rsplit_once("code=").unwrap();
    let code = code.split(['&', '#']).next().unwrap().to_owned();
    (callback, code)
}

async fn visit(url: &str) -> Answer {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let path = path.split('#').next().unwrap();
    Request::get(&format!("/{path}")).send(address.parse().unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_user_comes_under_the_vendors_names() {
    let service = Service::start("").await;
    let answer = service.send(Request::get(&format!("/v1/weiting/users/{}", test_data::OPENID))).await.ok();
    let user = &answer["user"];
    assert_eq!(user["openid"], test_data::OPENID);
    let names: Vec<_> = user.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["__v", "_id", "accounts", "createAt", "headimg", "nickname", "openid", "updateAt"]);
    let slots = user["accounts"].as_array().unwrap();
    assert_eq!(slots.iter().filter(|slot| slot.get("deviceno").is_some()).count(), 3, "{slots:?}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_gives_a_mobile_number() {
    let service = Service::start("").await;
    let (ticket, mobile) = test_data::TICKETS[0];
    let answer = service.send(Request::post("/v1/weiting/mobile", json!({ "ticket": ticket }).to_string())).await;
    assert_eq!(answer.ok(), json!({ "mobile": mobile }));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_serves_all_callers() {
    let service = Service::start("").await;
    let openid = test_data::OPENID;
    let paths = ["/v1/weiting/token".to_owned(), format!("/v1/weiting/users/{openid}"), "/v1/weiting/token".to_owned()];
    let mut tasks = tokio::task::JoinSet::new();
    for path in paths.into_iter().cycle().take(30) {
        let address = service.address();
        tasks.spawn(async move { Request::get(&path).key(super::service::KEY).send(address).await });
    }
    let mut tokens = std::collections::BTreeSet::new();
    while let Some(answer) = tasks.join_next().await {
        let answer = answer.unwrap().ok();
        if let Some(token) = answer["access_token"].as_str() {
            tokens.insert(token.to_owned());
            let ends = answer["expires_at"].as_str().unwrap();
            assert!(ends.ends_with('Z') && ends.len() == "2026-01-31T08:00:00Z".len(), "{ends}");
        }
    }
    assert_eq!(tokens.len(), 1);
    let fetches = service.sandbox.log().iter().filter(|entry| entry.operation == Some("access_token")).count();
    assert_eq!(fetches, 1);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scenes_and_cities_are_listed() {
    let service = Service::start("").await;
    for name in ["scenes", "cities"] {
        let answer = service.send(Request::get(&format!("/v1/fensi/{name}"))).await.ok();
        let first = &answer[name].as_array().unwrap()[0];
        assert!(first["id"].is_u64() && first["name"].is_string(), "{name}: {first}");
    }
    service.stop().await;
}
