//! The log holds neither keys nor what is asked and answered.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::filter::LevelFilter;
use weifen_sandbox::{Fault, FaultKind, test_data};

use super::client::Request;
use super::service::{KEY, Service};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The log is that of all tests here.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_the_caller_and_the_operation_and_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false);
    tracing::subscriber::set_global_default(subscriber.with_writer(move || writer.clone()).finish()).unwrap();
    let service = Service::start("").await;
    let (ticket, mobile) = test_data::TICKETS[0];
    let wrong = "wrong-key-0123456789abcdef0123456789";
    let token = service.send(Request::get("/v1/weiting/token")).await.ok();
    let token = token["access_token"].as_str().unwrap().to_owned();
    service.send(Request::get(&format!("/v1/weiting/users/{}", test_data::OPENID))).await.ok();
    let answer = service.send(Request::post("/v1/weiting/mobile", json!({ "ticket": ticket }).to_string())).await;
    answer.ok();
    service.send(Request::post("/v1/weiting/mobile", json!({ "ticket": [ticket] }).to_string())).await;
    Request::get("/v1/fensi/cities").key(wrong).send(service.address()).await;
    let number = answer.header("request-id").unwrap().to_owned();
    service.sandbox.set_faults(1, [Fault::new(FaultKind::Reset).times(1)]).unwrap();
    let order = json!({ "openid": test_data::OPENID, "deviceno": mobile, "traffic_package_name": "1G" }).to_string();
    let order = Request::post("/v1/weiting/order-reports", order).header("idempotency-key", "order-4711");
    let lost = service.send(order).await;
    assert_eq!(lost.problem(), "unknown_outcome");
    let lost = lost.header("request-id").unwrap().to_owned();
    service.stop().await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for told in ["caller=\"shop\"", "operation=\"weitingMobile\"", &number] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let failed = text.lines().find(|line| line.contains("a call failed")).unwrap();
    for told in ["WARN", &lost, "operation=\"order_report\"", "kind=\"unknown_outcome\""] {
        assert!(failed.contains(told), "{told}: {failed}");
    }
    assert!(text.lines().any(|line| line.contains(&lost) && line.contains("status=504")), "{text}");
    for secret in [KEY, wrong, &token, ticket, mobile, test_data::OPENID, test_data::APP_SECRET] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
