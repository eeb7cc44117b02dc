//! The driver's decisions: every kind of reply or failure, for every repeat class.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use weifen_proto::fensi::{QrcodeRequest, ScenesRequest};
use weifen_proto::weiting::{AccessTokenRequest, OrderReportRequest};
use weifen_proto::{Endpoint, Repeat};
use weifen_transport::mock::Canned;
use weifen_transport::{
    BadReply, BodyFault, CallError, Deadline, Driver, ErrorKind, Failure, NetworkFault, Outcome, RepeatPolicy,
    RetryAfter, StoreError, StoreErrorKind, TransportError, Unusable, Withheld,
};

fn answering(outcome: Result<Response<Bytes>, TransportError>) -> Driver {
    Driver::new(Arc::new(Canned::in_turn([outcome])), RepeatPolicy::never())
}

async fn error<E: Endpoint>(outcome: Result<Response<Bytes>, TransportError>) -> CallError {
    let request = Request::new(Bytes::new());
    let driver = answering(outcome);
    match driver.call::<E>(request, Deadline::after(Duration::from_secs(10))).await {
        Err(error) => error,
        Ok(_) => panic!("an answer"),
    }
}

/// Returns the error of each repeat class for the same outcome: safe, counted, once, write.
async fn errors(outcome: impl Fn() -> Result<Response<Bytes>, TransportError>) -> [CallError; 4] {
    assert_eq!(ScenesRequest::OPERATION.repeat, Repeat::Safe);
    assert_eq!(AccessTokenRequest::OPERATION.repeat, Repeat::Counted);
    assert_eq!(QrcodeRequest::OPERATION.repeat, Repeat::Once);
    assert_eq!(OrderReportRequest::OPERATION.repeat, Repeat::Write);
    [
        error::<ScenesRequest>(outcome()).await,
        error::<AccessTokenRequest>(outcome()).await,
        error::<QrcodeRequest>(outcome()).await,
        error::<OrderReportRequest>(outcome()).await,
    ]
}

#[expect(clippy::unnecessary_wraps, reason = "it stands for what a transport returns")]
fn reply(status: u16, body: &'static str) -> Result<Response<Bytes>, TransportError> {
    Ok(Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
}

fn lost() -> io::Error {
    io::Error::other("lost")
}

#[tokio::test]
async fn what_was_not_sent_is_not_delivered() {
    for error in errors(|| Err(TransportError::not_sent(lost()))).await {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::NotDelivered, Outcome::NotSent));
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn a_lost_reply_leaves_the_outcome_of_once_and_write_calls_unknown() {
    let [safe, counted, once, write] = errors(|| Err(TransportError::no_reply(lost()))).await;
    for error in [safe, counted] {
        assert_eq!(
            (error.kind(), error.outcome(), error.is_retryable()),
            (ErrorKind::NoReply, Outcome::Unanswered, true)
        );
    }
    for error in [once, write] {
        let seen = (error.kind(), error.outcome(), error.is_retryable());
        assert_eq!(seen, (ErrorKind::UnknownOutcome, Outcome::Unknown, false));
        assert!(matches!(error.failure(), Failure::UnknownOutcome(Unusable::NoReply(_))));
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_no_reply_and_of_a_write_unknown() {
    let stalled = || Err(TransportError::BodyTimedOut { status: StatusCode::OK, retry_after: None });
    let [safe, counted, once, write] = errors(stalled).await;
    for error in [safe, counted] {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::NoReply, Outcome::Unanswered));
    }
    for error in [once, write] {
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::UnknownOutcome, false));
    }
}

#[tokio::test]
async fn a_fault_of_the_network_comes_with_what_to_do() {
    for error in errors(|| Err(TransportError::not_sent(NetworkFault::NoCommonCipherSuite))).await {
        assert_eq!(error.hint(), NetworkFault::NoCommonCipherSuite.advice());
    }
}

#[tokio::test]
async fn a_body_that_can_t_be_used_keeps_what_the_vendor_asks_for() {
    let retry_after = Some(RetryAfter::For(Duration::from_secs(7)));
    let status = StatusCode::SERVICE_UNAVAILABLE;
    for error in errors(|| Err(TransportError::BadBody { status, retry_after, fault: BodyFault::CutShort })).await {
        assert_eq!(error.retry_after(), retry_after);
    }
}

#[tokio::test]
async fn a_reply_that_is_no_answer_is_undecodable_but_for_writes() {
    let bad_body = |fault| move || Err(TransportError::BadBody { status: StatusCode::OK, retry_after: None, fault });
    for errors in [
        errors(|| reply(200, "<html>")).await,
        errors(|| reply(502, "")).await,
        errors(|| reply(200, "{\"code\": {}}")).await,
        errors(bad_body(BodyFault::TooLarge { cap: 1 })).await,
        errors(bad_body(BodyFault::CutShort)).await,
        errors(bad_body(BodyFault::Compression)).await,
        errors(bad_body(BodyFault::Compressed)).await,
    ] {
        let [safe, counted, once, write] = errors;
        for error in [&safe, &counted, &once] {
            assert_eq!(error.kind(), ErrorKind::Undecodable, "{error}");
        }
        assert_eq!((safe.outcome(), once.outcome()), (Outcome::Unanswered, Outcome::Unknown));
        assert_eq!((safe.is_retryable(), once.is_retryable()), (true, false));
        assert_eq!((write.kind(), write.outcome()), (ErrorKind::UnknownOutcome, Outcome::Unknown));
        assert!(write.http_status().is_some());
    }
}

#[tokio::test]
async fn a_redirect_names_the_targets_host_only() {
    let redirect = || {
        let location = "https://elsewhere.example/login?access_token=secret";
        Ok(Response::builder().status(302).header("location", location).body(Bytes::new()).unwrap())
    };
    for error in errors(redirect).await {
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("elsewhere.example") && !cause.contains("secret"), "{cause}");
        assert!(!format!("{error:?}").contains("secret"));
    }
    for location in
        ["//elsewhere.example:81/x", "http://a:secret@elsewhere.example/登录", "HTTPS://elsewhere.example/a b|c"]
    {
        let odd = || Ok(Response::builder().status(302).header("location", location).body(Bytes::new()).unwrap());
        let [safe, ..] = errors(odd).await;
        let Failure::Undecodable(BadReply::Redirect { host }) = safe.failure() else { panic!("{safe}") };
        assert_eq!(host.as_deref(), Some("elsewhere.example"), "{location}");
    }
    let relative =
        || Ok(Response::builder().status(307).header("location", "/login?t=secret").body(Bytes::new()).unwrap());
    let [safe, ..] = errors(relative).await;
    assert!(matches!(safe.failure(), Failure::Undecodable(BadReply::Redirect { host: None })));
}

#[tokio::test]
async fn a_reply_is_a_redirect_only_with_both_a_status_and_an_address_to_go_to() {
    for (status, header) in [(302, "link"), (304, "etag"), (200, "location"), (500, "location")] {
        let odd =
            || Ok(Response::builder().status(status).header(header, "//else.example").body(Bytes::new()).unwrap());
        for error in errors(odd).await {
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(!cause.contains("redirect") && !cause.contains("else.example"), "{status}: {cause}");
        }
    }
}

#[tokio::test]
async fn a_well_formed_answer_is_understood_at_any_http_status() {
    for status in [200, 201, 302, 404, 500, 503] {
        let driver = answering(reply(status, r#"{"code": 20000, "data": [], "message": "ok"}"#));
        let scenes =
            driver.call::<ScenesRequest>(Request::new(Bytes::new()), Deadline::after(Duration::from_secs(10))).await;
        assert!(scenes.unwrap().is_empty());
        let refused = error::<OrderReportRequest>(reply(status, r#"{"data": "x", "status": 0}"#)).await;
        assert_eq!((refused.kind(), refused.outcome()), (ErrorKind::Refused, Outcome::Refused));
        assert_eq!(refused.http_status().unwrap().as_u16(), status);
    }
}

#[tokio::test]
async fn what_the_transport_met_can_be_downcast() {
    for error in errors(|| Err(TransportError::no_reply(lost()))).await {
        let mut causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
        assert!(causes.any(<dyn std::error::Error>::is::<io::Error>), "{error:?}");
    }
}

#[test]
fn a_request_that_is_kept_back_was_not_sent() {
    let until = std::time::SystemTime::UNIX_EPOCH + Duration::from_millis(1_557_244_799_001);
    let withheld = CallError::new(&AccessTokenRequest::OPERATION, Withheld::DailyLimit { limit: 200, until });
    assert_eq!((withheld.kind(), withheld.outcome()), (ErrorKind::NotDelivered, Outcome::NotSent));
    assert!(withheld.is_retryable());
    let words = "nothing was sent: the daily limit of 200 is used up; the next day begins at \
        2019-05-08T00:00:00+08:00";
    assert!(withheld.to_string().ends_with(words), "{withheld}");
}

#[test]
fn without_its_store_nothing_was_sent() {
    for (of_store, kind, retryable) in
        [(StoreErrorKind::Unavailable, ErrorKind::Store, true), (StoreErrorKind::Unusable, ErrorKind::Config, false)]
    {
        let store = StoreError::new("redis://cache.example:6379/0", of_store, lost());
        let error = CallError::new(&AccessTokenRequest::OPERATION, store);
        assert_eq!((error.kind(), error.outcome(), error.is_retryable()), (kind, Outcome::NotSent, retryable));
        let store = std::error::Error::source(&error).unwrap();
        assert_eq!(store.to_string(), "redis://cache.example:6379/0 can't be used");
        assert!(store.source().unwrap().is::<io::Error>());
    }
}
