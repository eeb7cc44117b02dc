//! Metrics of calls, of the token and of the API.

use serde_json::json;
use weifen_sandbox::test_data;

use super::client::Request;
use super::service::Service;
use crate::setup::page;

#[tokio::test(flavor = "multi_thread")]
async fn calls_the_token_and_requests_are_counted() {
    let service = Service::start("").await;
    let before = page(&service.running, "/metrics").await;
    assert!(before.contains("weifen_calls_total{kind=\"ok\",operation=\"cities\",vendor=\"fensi\"} 0\n"), "{before}");
    assert!(before.contains("weifen_token_seconds_left 0\n"), "{before}");
    let (ticket, _) = test_data::TICKETS[0];
    for (ticket, status) in [(ticket, 200), ("no-such-ticket", 422)] {
        let request = Request::post("/v1/weiting/mobile", json!({ "ticket": ticket }).to_string());
        assert_eq!(service.send(request).await.status, status);
    }
    service.send(Request::get("/v1/fensi/cities")).await.ok();
    for path in ["/v1/fensi/cities", "/v1/canary?canary=canary"] {
        Request::get(path).header("authorization", "Bearer canary").send(service.address()).await;
    }
    let text = page(&service.running, "/metrics").await;
    for line in [
        "weifen_calls_total{kind=\"ok\",operation=\"cities\",vendor=\"fensi\"} 1\n",
        "weifen_calls_total{kind=\"ok\",operation=\"mobile_by_ticket\",vendor=\"weiting\"} 1\n",
        "weifen_calls_total{kind=\"refused\",operation=\"mobile_by_ticket\",vendor=\"weiting\"} 1\n",
        "weifen_calls_total{kind=\"ok\",operation=\"access_token\",vendor=\"weiting\"} 1\n",
        "weifen_call_seconds_count{operation=\"mobile_by_ticket\",vendor=\"weiting\"} 2\n",
        "weifen_token_fetches_today 1\n",
        "weifen_token_fetches_left 199\n",
        "weifen_api_requests_total{caller=\"shop\",status=\"200\"} 2\n",
        "weifen_api_requests_total{caller=\"shop\",status=\"422\"} 1\n",
        "weifen_api_requests_total{caller=\"none\",status=\"401\"} 1\n",
        "weifen_api_requests_total{caller=\"none\",status=\"404\"} 1\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let left = text.lines().find_map(|line| line.strip_prefix("weifen_token_seconds_left ")).unwrap();
    assert!((1..=7200).contains(&left.parse::<u32>().unwrap()), "{left}");
    assert!(!text.contains("canary"), "{text}");
    service.stop().await;
}
