//! The driver's reports on an answer: to an observer, to the log, and in a refusal's message.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use weifen_proto::fensi::ScenesRequest;
use weifen_proto::weiting::OrderReportRequest;
use weifen_proto::{Endpoint, Vendor};
use weifen_transport::mock::Canned;
use weifen_transport::{Deadline, Drift, DriftObserver, DriftWatch, Driver, RepeatPolicy};

fn vendor(says: impl Into<Bytes>) -> Driver {
    Driver::new(Arc::new(Canned::body(says)), RepeatPolicy::never())
}

/// An observer that keeps all reports.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<String>>);

impl DriftObserver for Notes {
    fn drifted(&self, vendor: Vendor, operation: &'static str, drift: &Drift) {
        self.0.lock().unwrap().push(format!("{vendor} {operation} {drift}"));
    }
}

/// A subscriber that keeps every event of this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        write!(self.0.lock().unwrap(), "{} ", event.metadata().target()).unwrap();
        event.record(&mut self.clone());
        self.0.lock().unwrap().push('\n');
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0.lock().unwrap(), "{field}={value:?} ").unwrap();
    }
}

/// Collects this thread's events until both guards are dropped.
///
/// With one subscriber in a process, a log statement that another thread reaches first asks only that thread's
/// subscriber. It has none, so the statement stays silent for all. With two, every statement asks both.
fn listening(log: &Log) -> (DefaultGuard, Dispatch) {
    let listening = (tracing::subscriber::set_default(log.clone()), Dispatch::new(log.clone()));
    // Asks again for the statements that other threads reached just before.
    thread::yield_now();
    tracing::callsite::rebuild_interest_cache();
    listening
}

const ODD: &str = r#"{"code": 20000, "data": [{"id": "1", "name": "学校", "parent": "secret"}], "message": "ok"}"#;

#[tokio::test]
async fn an_observer_is_told_of_each_answer_and_the_log_once() {
    let log = Log::default();
    let _logging = listening(&log);
    let notes = Arc::new(Notes::default());
    let driver = vendor(ODD).drift_observer(Some(notes.clone()));
    for _ in 0..2 {
        let scenes = driver
            .call::<ScenesRequest>(Request::new(Bytes::new()), Deadline::after(Duration::from_secs(10)))
            .await
            .unwrap();
        assert_eq!(scenes.len(), 1);
    }
    let told = [
        "fensi scenes at data[].id: a string of another type than documented",
        "fensi scenes at data[].parent: an unknown field with a string",
    ];
    assert_eq!(*notes.0.lock().unwrap(), [told, told].concat());
    let log = log.0.lock().unwrap();
    assert_eq!(log.lines().count(), 2, "{log}");
    for part in ["weifen::drift ", "vendor=fensi", "operation=\"scenes\"", "path=\"data[].parent\"", "with a string"] {
        assert!(log.contains(part), "{part}: {log}");
    }
    assert!(!log.contains("secret") && !log.contains("学校"), "{log}");
}

#[tokio::test]
async fn the_log_says_when_it_is_told_of_no_more() {
    let log = Log::default();
    let _logging = listening(&log);
    let watch = DriftWatch::default();
    for n in 0..300 {
        let body = format!(r#"{{"code": 20000, "data": [], "message": "ok", "field{n}": 1}}"#);
        watch.look(Vendor::Fensi, "scenes", || ScenesRequest::DOCUMENTED.drifts(body.as_bytes()));
    }
    let log = log.0.lock().unwrap();
    assert_eq!(log.lines().count(), 257);
    assert!(log.lines().last().unwrap().contains("further differences"), "{log}");
}

#[tokio::test]
async fn a_refusal_is_not_shown_with_what_was_sent() {
    let echo = r#"{"status": 0, "data": "token canary/token= (canary%2Ftoken%3D) of 18900000000: 大礼包canary"}"#;
    let driver = vendor(echo);
    let refused =
        |request: Request<Bytes>| driver.call::<OrderReportRequest>(request, Deadline::after(Duration::from_secs(10)));
    let bodies = [
        r#"{"traffic_package_name": "大礼包canary", "channel": "1"}"#.to_owned(),
        format!("traffic_package_name={}&channel=1", "%E5%A4%A7%E7%A4%BC%E5%8C%85canary"),
    ];
    for body in bodies {
        let request = Request::post("https://vendor.example/x?access_token=canary%2Ftoken%3D").body(body.into());
        let error = refused(request.unwrap()).await.unwrap_err();
        assert!(error.refusal().unwrap().message().contains("canary"));
        for shown in [error.to_string(), format!("{error:?}"), error.refusal().unwrap().printable_message()] {
            assert!(shown.contains("token [sent] ([sent]) of [number]: [sent]"), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_secret_that_was_not_sent_is_not_shown_either_in_whatever_encoding() {
    let driver = vendor(r#"{"code": 7, "message": "canary+/secret %63anary%2b%2Fsecret Y2FuYXJ5Ky9zZWNyZXQ= 100%+1"}"#)
        .hiding("canary+/secret".to_owned().into());
    let error = driver
        .call::<ScenesRequest>(Request::new(Bytes::new()), Deadline::after(Duration::from_secs(10)))
        .await
        .unwrap_err();
    assert_eq!(error.refusal().unwrap().printable_message(), "[sent] [sent] [sent]= 100%+1");
}

#[tokio::test]
async fn a_redirect_to_a_host_that_repeats_what_was_sent_names_none() {
    for (location, named) in [
        ("http://other.example/?t=canary-token", "a redirect to other.example"),
        ("http://CANARY-token.example/", "a redirect; redirects are"),
        ("http://%63anary-token.example/", "a redirect; redirects are"),
    ] {
        let reply = Response::builder().status(302).header("location", location).body(Bytes::new()).unwrap();
        let driver = Driver::new(Arc::new(Canned::in_turn([Ok(reply)])), RepeatPolicy::never());
        let request = Request::get("https://vendor.example/x?access_token=canary-token").body(Bytes::new()).unwrap();
        let error = driver.call::<ScenesRequest>(request, Deadline::after(Duration::from_secs(10))).await.unwrap_err();
        let shown = error.source().unwrap().to_string();
        assert!(shown.contains(named), "{shown}");
    }
}

#[tokio::test]
async fn a_field_whose_name_repeats_what_was_sent_is_not_named() {
    let notes = Arc::new(Notes::default());
    let driver = vendor(r#"{"code": 20000, "data": [{"id": 1, "name": "n", "canaryToken": "\ud83d"}]}"#);
    let driver = driver.drift_observer(Some(notes.clone()));
    let request = Request::get("https://vendor.example/x?access_token=canaryToken&nickname=message").body(Bytes::new());
    driver.call::<ScenesRequest>(request.unwrap(), Deadline::after(Duration::from_secs(10))).await.unwrap();
    // Documented names are no secret, whatever was sent.
    let told = [
        "fensi scenes at data[].?: a text with broken characters",
        "fensi scenes at data[].?: an unknown field with a string",
        "fensi scenes at message: a documented field is missing",
    ];
    assert_eq!(*notes.0.lock().unwrap(), told);
}

#[tokio::test]
async fn what_was_sent_is_hidden_however_it_is_escaped() {
    let sent = r#"{"traffic_package_name": "大/\"礼包=canaryCanary", "channel": "1"}"#;
    for repeated in [
        r#"大/"礼包=canaryCanary"#,
        r#"大/\"礼包=canaryCanary"#,
        r#"\u5927\/\"\u793c\u5305=canaryCanary"#,
        "%E5%A4%A7%2F%22%E7%A4%BC%E5%8C%85%3DcanaryCanary",
        "%e5%a4%a7%2f%22%e7%a4%bc%e5%8c%85%3dcanaryCanary",
    ] {
        let answer = serde_json::json!({"status": 0, "data": repeated}).to_string();
        let driver = vendor(answer);
        let request = Request::post("https://vendor.example/x").body(sent.into()).unwrap();
        let error =
            driver.call::<OrderReportRequest>(request, Deadline::after(Duration::from_secs(10))).await.unwrap_err();
        assert_eq!(error.refusal().unwrap().printable_message(), "[sent]", "{repeated}");
    }
    // A text that is too short to be recognized by a part is recognized whole.
    for repeated in [r#"大"包"#, r#"大\"包"#, r#"\u5927\"\u5305"#] {
        let answer = serde_json::json!({"status": 0, "data": repeated}).to_string();
        let request = Request::post("https://vendor.example/x").body(r#"{"channel": "大\"包"}"#.into());
        let deadline = Deadline::after(Duration::from_secs(10));
        let error = vendor(answer).call::<OrderReportRequest>(request.unwrap(), deadline).await.unwrap_err();
        assert_eq!(error.refusal().unwrap().printable_message(), "[sent]", "{repeated}");
    }
    // A part that was cut, or joined with more text, is hidden as well.
    let driver = vendor(r#"{"status": 0, "data": "no package xcanaryCanary"}"#);
    let request = Request::post("https://vendor.example/x").body(sent.into()).unwrap();
    let error = driver.call::<OrderReportRequest>(request, Deadline::after(Duration::from_secs(10))).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().printable_message(), "no package x[sent]");
}
