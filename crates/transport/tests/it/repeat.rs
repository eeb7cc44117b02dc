//! Repetitions: the failures and calls that are repeated, the pauses, and the limits.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::time::{Instant, sleep};
use weifen_proto::fensi::{QrcodeRequest, ScenesRequest};
use weifen_proto::weiting::{AccessTokenRequest, OrderReportRequest};
use weifen_proto::{Endpoint, Operation};
use weifen_transport::{
    BodyFault, CallError, Clock, Deadline, Driver, ErrorKind, Jitter, RepeatPolicy, StoreError, StoreErrorKind,
    Transport, TransportError,
};

/// Behaviour of the vendor at every attempt.
#[derive(Debug, Clone, Copy)]
enum Vendor {
    Unreachable,
    UnreachableAfter(Duration),
    HangsUp,
    CutsShort,
    SendsTooMuch,
    Replies(u16, &'static [(&'static str, &'static str)], &'static str),
    /// The first attempt can't connect; the others get no reply.
    HangsAfterOne,
}

/// A vendor that notes the time of each request.
#[derive(Debug)]
struct Asked {
    vendor: Vendor,
    at: Mutex<Vec<Duration>>,
    begun: Instant,
}

#[async_trait]
impl Transport for Asked {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let attempt = {
            let mut at = self.at.lock().unwrap();
            at.push(self.begun.elapsed());
            at.len()
        };
        let lost = || io::Error::other("lost");
        let bad = |fault| Err(TransportError::BadBody { status: http::StatusCode::OK, retry_after: None, fault });
        match self.vendor {
            Vendor::HangsAfterOne if attempt > 1 => {
                sleep(Duration::from_secs(3600)).await;
                Err(TransportError::no_reply(lost()))
            }
            Vendor::UnreachableAfter(wait) => {
                sleep(wait).await;
                Err(TransportError::not_sent(lost()))
            }
            Vendor::Unreachable | Vendor::HangsAfterOne => Err(TransportError::not_sent(lost())),
            Vendor::HangsUp => Err(TransportError::no_reply(lost())),
            Vendor::CutsShort => bad(BodyFault::CutShort),
            Vendor::SendsTooMuch => bad(BodyFault::TooLarge { cap: 1 }),
            Vendor::Replies(status, headers, body) => {
                let reply = headers.iter().fold(Response::builder().status(status), |r, (name, v)| r.header(*name, *v));
                Ok(reply.body(Bytes::from_static(body.as_bytes())).unwrap())
            }
        }
    }
}

impl Asked {
    fn new(vendor: Vendor) -> Arc<Self> {
        Arc::new(Self { vendor, at: Mutex::default(), begun: Instant::now() })
    }

    fn times(&self) -> usize {
        self.at.lock().unwrap().len()
    }
}

/// Result of one call: the time of each request, the total time, and the error.
struct Called {
    asked: Vec<Duration>,
    took: Duration,
    error: CallError,
}

async fn called<E: Endpoint>(policy: RepeatPolicy, vendor: Vendor) -> Called {
    let vendor = Asked::new(vendor);
    let driver = Driver::new(vendor.clone(), policy);
    let Err(error) = call::<E>(&driver, const { &E::OPERATION }).await else { panic!("an answer") };
    Called { took: vendor.begun.elapsed(), asked: vendor.at.lock().unwrap().clone(), error }
}

async fn call<E: Endpoint>(driver: &Driver, operation: &'static Operation) -> Result<E::Answer, CallError> {
    driver.repeat(operation, |deadline| driver.call::<E>(Request::new(Bytes::new()), deadline)).await
}

/// Returns the number of attempts for each repeat class: safe, counted, once, write.
async fn attempts(vendor: Vendor) -> [usize; 4] {
    let policy = RepeatPolicy::default();
    [
        called::<ScenesRequest>(policy, vendor).await.asked.len(),
        called::<AccessTokenRequest>(policy, vendor).await.asked.len(),
        called::<QrcodeRequest>(policy, vendor).await.asked.len(),
        called::<OrderReportRequest>(policy, vendor).await.asked.len(),
    ]
}

#[tokio::test(start_paused = true)]
async fn only_what_never_left_or_does_no_harm_is_repeated() {
    const HTML: &str = "<html>502</html>";
    for (vendor, expected) in [
        (Vendor::Unreachable, [3, 3, 3, 3]),
        (Vendor::HangsUp, [3, 1, 1, 1]),
        (Vendor::CutsShort, [3, 1, 1, 1]),
        (Vendor::SendsTooMuch, [1, 1, 1, 1]),
        (Vendor::Replies(502, &[], HTML), [3, 1, 1, 1]),
        (Vendor::Replies(200, &[], HTML), [3, 1, 1, 1]),
        (Vendor::Replies(200, &[], ""), [3, 1, 1, 1]),
        (Vendor::Replies(200, &[], r#"{"code": 50002, "message": "later"}"#), [3, 1, 1, 1]),
        (Vendor::Replies(200, &[], r#"{"code": 50004, "message": "never"}"#), [1, 1, 1, 1]),
        (Vendor::Replies(302, &[("location", "https://elsewhere.example/")], HTML), [1, 1, 1, 1]),
    ] {
        assert_eq!(attempts(vendor).await, expected, "{vendor:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_failed_before_anything_was_sent_is_not_repeated() {
    let mut attempts = 0;
    let failed = Driver::new(Asked::new(Vendor::HangsUp), RepeatPolicy::default())
        .repeat(const { &ScenesRequest::OPERATION }, |_| {
            attempts += 1;
            let error = StoreError::new("here", StoreErrorKind::Unavailable, io::Error::other("full"));
            async { Err::<(), _>(CallError::new(const { &ScenesRequest::OPERATION }, error)) }
        })
        .await;
    assert_eq!((attempts, failed.unwrap_err().kind()), (1, ErrorKind::Store));
}

#[tokio::test(start_paused = true)]
async fn what_another_operation_failed_in_is_not_repeated() {
    let vendor = Asked::new(Vendor::Unreachable);
    let driver = Driver::new(vendor.clone(), RepeatPolicy::default());
    assert!(call::<AccessTokenRequest>(&driver, const { &ScenesRequest::OPERATION }).await.is_err());
    assert_eq!(vendor.times(), 1);
}

#[tokio::test(start_paused = true)]
async fn pauses_are_random_up_to_twice_as_long_each() {
    let policy = RepeatPolicy::default().first_pause(Duration::from_secs(1));
    let mut pauses = Vec::new();
    for _ in 0..50 {
        let asked = called::<ScenesRequest>(policy, Vendor::Unreachable).await.asked;
        pauses.push((asked[1], asked[2].saturating_sub(asked[1])));
    }
    let limit = Duration::from_millis(5);
    assert!(
        pauses.iter().all(
            |(first, second)| *first <= Duration::from_secs(1) + limit && *second <= Duration::from_secs(2) + limit
        )
    );
    assert!(pauses.iter().any(|(first, _)| *first < Duration::from_millis(500)));
    assert!(pauses.iter().any(|(_, second)| *second > Duration::from_secs(1)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_to_be_left_alone_is_left_alone() {
    let asked = |wait| Vendor::Replies(503, wait, "busy");
    let obeyed = called::<ScenesRequest>(RepeatPolicy::default(), asked(&[("retry-after", "3")])).await;
    assert_eq!(obeyed.asked.len(), 3);
    assert!(obeyed.asked[1] >= Duration::from_secs(3) && obeyed.asked[2] >= Duration::from_secs(6));
    for long in ["10", "3600", "99999999999999999999"] {
        let headers: &'static [_] = Vec::leak(vec![("retry-after", long)]);
        let given_up = called::<ScenesRequest>(RepeatPolicy::default(), asked(headers)).await;
        assert_eq!((given_up.asked.len(), given_up.took), (1, Duration::ZERO), "{long}");
        assert!(given_up.error.retry_after().is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time() {
    let policy = RepeatPolicy::default().total(Duration::from_secs(4));
    for (called, kind) in [
        (called::<ScenesRequest>(policy, Vendor::HangsAfterOne).await, ErrorKind::NoReply),
        (called::<AccessTokenRequest>(policy, Vendor::HangsAfterOne).await, ErrorKind::NoReply),
        (called::<QrcodeRequest>(policy, Vendor::HangsAfterOne).await, ErrorKind::UnknownOutcome),
        (called::<OrderReportRequest>(policy, Vendor::HangsAfterOne).await, ErrorKind::UnknownOutcome),
    ] {
        assert_eq!((called.asked.len(), called.error.kind()), (2, kind));
        assert!(called.took <= Duration::from_millis(4510), "{:?}", called.took);
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_not_begin_in_time_is_not_sent() {
    let vendor = Asked::new(Vendor::HangsUp);
    let driver = Driver::new(vendor.clone(), RepeatPolicy::default());
    let deadline = Deadline::after(Duration::from_secs(10));
    assert!(deadline.wait(sleep(Duration::from_secs(3600))).await.is_err());
    assert!(vendor.begun.elapsed() <= Duration::from_millis(10_010));
    let error = driver.call::<OrderReportRequest>(Request::new(Bytes::new()), deadline).await.unwrap_err();
    assert_eq!((error.kind(), vendor.times()), (ErrorKind::NotDelivered, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_safe_is_not_sent_in_the_last_tenth_of_the_time() {
    let vendor = Asked::new(Vendor::HangsUp);
    let driver = Driver::new(vendor.clone(), RepeatPolicy::default());
    let deadline = Deadline::after(Duration::from_secs(10));
    sleep(Duration::from_millis(9001)).await;
    let error = driver.call::<OrderReportRequest>(Request::new(Bytes::new()), deadline).await.unwrap_err();
    assert_eq!((error.kind(), vendor.times()), (ErrorKind::NotDelivered, 0));
    let error = driver.call::<ScenesRequest>(Request::new(Bytes::new()), deadline).await.unwrap_err();
    assert_eq!((error.kind(), vendor.times()), (ErrorKind::NoReply, 1));
}

/// A server that accepts and stays silent: connecting takes nine tenths of the time, then fails provably unsent.
#[tokio::test(start_paused = true)]
async fn what_is_not_safe_is_begun_again_only_if_it_may_fail_to_connect_in_time() {
    for total in [1, 2, 5, 10, 60] {
        let policy = RepeatPolicy::default().total(Duration::from_secs(total));
        let slow = Vendor::UnreachableAfter(Duration::from_secs(total).mul_f64(0.9));
        for called in [called::<QrcodeRequest>(policy, slow).await, called::<OrderReportRequest>(policy, slow).await] {
            assert_eq!((called.asked.len(), called.error.kind()), (1, ErrorKind::NotDelivered), "{total} s");
        }
    }
    // The next attempt would have until after its deadline to fail to connect.
    for (total, late) in [(1, 400), (5, 800), (10, 1001)] {
        let policy = RepeatPolicy::default().total(Duration::from_secs(total));
        let slow = Vendor::UnreachableAfter(Duration::from_millis(late));
        assert_eq!(called::<OrderReportRequest>(policy, slow).await.asked.len(), 1, "{late} ms of {total} s");
    }
    let policy = RepeatPolicy::default().total(Duration::from_secs(1));
    assert_eq!(called::<OrderReportRequest>(policy, Vendor::Unreachable).await.error.kind(), ErrorKind::NotDelivered);
}

#[tokio::test(start_paused = true)]
async fn pauses_are_of_the_given_chance_and_dates_of_the_given_clock() {
    let asked_at = |at: &'static str| Vendor::Replies(503, Vec::leak(vec![("retry-after", at)]), "busy");
    for (vendor, fraction, pause) in [
        (Vendor::Unreachable, 0.5, 100),
        (Vendor::Unreachable, 0.0, 0),
        (asked_at("Thu, 01 Jan 1970 00:00:05 GMT"), 0.0, 5000),
    ] {
        let vendor = Asked::new(vendor);
        let driver = Driver::new(vendor.clone(), RepeatPolicy::default());
        let driver = driver.clock(Arc::new(Nineteen70)).jitter(Arc::new(Fixed(fraction)));
        assert!(call::<ScenesRequest>(&driver, const { &ScenesRequest::OPERATION }).await.is_err());
        let paused = vendor.at.lock().unwrap()[1].as_millis();
        assert!((pause..pause + 5).contains(&paused), "{paused} ms in the place of {pause}");
    }
}

/// A clock that always shows the Unix epoch.
#[derive(Debug)]
struct Nineteen70;

impl Clock for Nineteen70 {
    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

/// A source of randomness that always gives the same number.
#[derive(Debug)]
struct Fixed(f64);

impl Jitter for Fixed {
    fn fraction(&self) -> f64 {
        self.0
    }
}

#[test]
fn outside_a_runtime_a_call_is_made_once_and_does_not_panic() {
    let vendor = Asked::new(Vendor::HangsUp);
    let driver = Driver::new(vendor.clone(), RepeatPolicy::default());
    let mut call = std::pin::pin!(call::<ScenesRequest>(&driver, const { &ScenesRequest::OPERATION }));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = call.as_mut().poll(&mut context) else { panic!("not ready") };
    assert_eq!((error.kind(), vendor.times()), (ErrorKind::NoReply, 1));
}

#[tokio::test(start_paused = true)]
async fn what_took_long_to_fail_is_begun_again_only_if_it_is_safe() {
    let policy = RepeatPolicy::default();
    let slow = Vendor::UnreachableAfter(Duration::from_millis(2700));
    assert_eq!(called::<ScenesRequest>(policy, slow).await.asked.len(), 3);
    for called in [called::<QrcodeRequest>(policy, slow).await, called::<OrderReportRequest>(policy, slow).await] {
        assert_eq!((called.asked.len(), called.error.kind()), (1, ErrorKind::NotDelivered));
    }
}

#[tokio::test(start_paused = true)]
async fn what_sends_nothing_earns_no_repetitions() {
    let vendor = Asked::new(Vendor::Unreachable);
    let driver = Driver::new(vendor.clone(), RepeatPolicy::default());
    let withheld = |_| async {
        let error = StoreError::new("here", StoreErrorKind::Unavailable, io::Error::other("full"));
        Err::<(), _>(CallError::new(const { &ScenesRequest::OPERATION }, error))
    };
    for _ in 0..1000 {
        assert!(driver.repeat(const { &ScenesRequest::OPERATION }, withheld).await.is_err());
    }
    for _ in 0..3 {
        assert!(call::<ScenesRequest>(&driver, const { &ScenesRequest::OPERATION }).await.is_err());
    }
    assert_eq!(vendor.times(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_made_worse() {
    let vendor = Asked::new(Vendor::Unreachable);
    let driver = Driver::new(vendor.clone(), RepeatPolicy::default());
    for _ in 0..100 {
        assert!(call::<ScenesRequest>(&driver, const { &ScenesRequest::OPERATION }).await.is_err());
    }
    let asked = vendor.times();
    println!("reliability[outage] {asked} requests for 100 calls that all failed");
    assert!((102..=120).contains(&asked), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_repeated_where_that_is_not_wanted() {
    for policy in [RepeatPolicy::never(), RepeatPolicy::default().attempts(0)] {
        assert_eq!(called::<ScenesRequest>(policy, Vendor::Unreachable).await.asked.len(), 1);
    }
}

/// A transport that names its time limit, and notes the requests that are timed by the driver: they have a deadline.
#[derive(Debug)]
struct Limited {
    limit: Option<Duration>,
    timed: Mutex<Vec<bool>>,
}

#[async_trait]
impl Transport for Limited {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.timed.lock().unwrap().push(request.extensions().get::<Deadline>().is_some());
        Err(TransportError::no_reply(io::Error::other("lost")))
    }

    fn time_limit(&self) -> Option<Duration> {
        self.limit
    }
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_ends_in_time_by_itself_is_timed_no_second_time() {
    let seconds = Duration::from_secs;
    for (limit, timed) in [(None, true), (Some(seconds(11)), true), (Some(seconds(10)), false)] {
        let transport = Arc::new(Limited { limit, timed: Mutex::default() });
        let driver = Driver::new(transport.clone(), RepeatPolicy::never());
        let deadline = Deadline::after(seconds(10));
        let send = || driver.call::<ScenesRequest>(Request::new(Bytes::new()), deadline);
        send().await.unwrap_err();
        sleep(seconds(9)).await;
        send().await.unwrap_err();
        assert_eq!(*transport.timed.lock().unwrap(), [timed, true], "{limit:?}: later, less time is left");
    }
}
