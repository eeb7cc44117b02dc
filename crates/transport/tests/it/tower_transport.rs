//! tower's layers around a transport: they limit, a request that they stop was not sent, and they never repeat.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::time::{Instant, sleep, timeout};
use tower::{BoxError, Service, ServiceBuilder, service_fn};
use weifen_proto::Endpoint;
use weifen_proto::weiting::{OrderNumber, OrderReportRequest};
use weifen_transport::{
    BodyFault, CallError, Deadline, Driver, ErrorKind, Outcome, RepeatPolicy, TowerTransport, Transport,
    TransportError, TransportService,
};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(3600);

/// Makes one write.
async fn order(transport: Arc<dyn Transport>) -> Result<OrderNumber, CallError> {
    Driver::new(transport, RepeatPolicy::never()).call::<OrderReportRequest>(request(), Deadline::after(LONG)).await
}

/// A slow transport that notes the time of each request and how many run at once.
#[derive(Debug)]
struct Vendor {
    takes: Duration,
    outcome: Result<StatusCode, TransportError>,
    begun: Instant,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    at: Vec<Duration>,
    now: usize,
    most: usize,
}

impl Vendor {
    fn taking(takes: Duration) -> Arc<Self> {
        Self::with(takes, Ok(StatusCode::OK))
    }

    fn failing(error: TransportError) -> Arc<Self> {
        Self::with(Duration::ZERO, Err(error))
    }

    fn with(takes: Duration, outcome: Result<StatusCode, TransportError>) -> Arc<Self> {
        Arc::new(Self { takes, outcome, begun: Instant::now(), seen: Mutex::default() })
    }

    fn requests(&self) -> usize {
        self.seen.lock().unwrap().at.len()
    }
}

#[async_trait]
impl Transport for Vendor {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        {
            let mut seen = self.seen.lock().unwrap();
            seen.at.push(self.begun.elapsed());
            seen.now += 1;
            seen.most = seen.most.max(seen.now);
        }
        sleep(self.takes).await;
        self.seen.lock().unwrap().now -= 1;
        self.outcome.clone().map(|status| Response::builder().status(status).body(Bytes::new()).unwrap())
    }
}

fn request() -> Request<Bytes> {
    Request::get("http://vendor.example/").body(Bytes::new()).unwrap()
}

/// Sends requests concurrently.
async fn send(transport: &Arc<TowerTransport>, requests: usize) -> Vec<Result<StatusCode, TransportError>> {
    let send = || {
        let transport = transport.clone();
        tokio::spawn(async move { transport.send(request()).await.map(|reply| reply.status()) })
    };
    let sending: Vec<_> = (0..requests).map(|_| send()).collect();
    let mut outcomes = Vec::new();
    for task in sending {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

fn is_not_sent<T>(outcome: &Result<T, TransportError>) -> bool {
    matches!(outcome, Err(TransportError::NotSent(_)))
}

fn is_no_reply<T>(outcome: &Result<T, TransportError>) -> bool {
    matches!(outcome, Err(TransportError::NoReply(_)))
}

fn why<T: std::fmt::Debug>(outcome: Result<T, TransportError>) -> String {
    outcome.unwrap_err().source().unwrap().to_string()
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_the_limit_says() {
    let vendor = Vendor::taking(SECOND);
    let limits = ServiceBuilder::new().concurrency_limit(3);
    let transport = Arc::new(TowerTransport::layered(vendor.clone(), limits));
    assert!(send(&transport, 12).await.iter().all(Result::is_ok));
    let seen = vendor.seen.lock().unwrap();
    assert_eq!((seen.at.len(), seen.most), (12, 3));
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_go_out_in_a_time_than_the_rate_says() {
    let vendor = Vendor::taking(Duration::from_millis(1));
    let limits = ServiceBuilder::new().rate_limit(10, SECOND).concurrency_limit(4);
    let transport = Arc::new(TowerTransport::layered(vendor.clone(), limits));
    assert!(send(&transport, 35).await.iter().all(Result::is_ok));
    let seen = vendor.seen.lock().unwrap();
    assert!(seen.at.windows(11).all(|eleven| eleven[10] >= eleven[0] + SECOND), "{:?}", seen.at);
    assert!((3 * SECOND..4 * SECOND).contains(&seen.at[34]), "{:?}", seen.at);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_shed_was_not_sent_and_a_write_says_so() {
    let shedding = || ServiceBuilder::new().load_shed().concurrency_limit(1);
    let (layered, bare) = (Vendor::taking(SECOND), Vendor::taking(SECOND));
    let service = shedding().service(TransportService::new(bare.clone()));
    for (vendor, transport) in
        [(&layered, TowerTransport::layered(layered.clone(), shedding())), (&bare, TowerTransport::new(service))]
    {
        let transport = Arc::new(transport);
        let under_way = tokio::spawn({
            let transport = transport.clone();
            async move { transport.send(request()).await }
        });
        sleep(SECOND / 2).await;
        let error = order(transport.clone()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::NotDelivered, Outcome::NotSent), "{error:?}");
        assert!(under_way.await.unwrap().is_ok());
        assert_eq!(vendor.requests(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_turn_in_half_of_the_time_is_never_sent() {
    let queueing = ServiceBuilder::new().buffer(10).rate_limit(1, LONG);
    let waiting = ServiceBuilder::new().rate_limit(1, LONG);
    let vendors = [Vendor::taking(Duration::ZERO), Vendor::taking(Duration::ZERO)];
    for (vendor, transport) in [
        (&vendors[0], TowerTransport::layered(vendors[0].clone(), waiting)),
        (&vendors[1], TowerTransport::layered(vendors[1].clone(), queueing)),
    ] {
        let transport = transport.timeout(8 * SECOND);
        transport.send(request()).await.unwrap();
        let begun = Instant::now();
        let outcome = transport.send(request()).await;
        assert!(is_not_sent(&outcome), "{outcome:?}");
        assert_eq!(begun.elapsed().as_secs(), 4);
        assert!(why(outcome).contains("request waited for the transport's limits for longer than 4.0s"));
        sleep(2 * LONG).await;
        assert_eq!(vendor.requests(), 1);
        transport.send(request()).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_waits_for_its_turn_until_its_deadline_was_not_sent() {
    let vendor = Vendor::taking(Duration::ZERO);
    let transport = TowerTransport::layered(vendor.clone(), ServiceBuilder::new().rate_limit(1, LONG)).timeout(LONG);
    let driver = Driver::new(Arc::new(transport), RepeatPolicy::never());
    let deadline = Deadline::after(10 * SECOND);
    for (kind, after) in [(ErrorKind::UnknownOutcome, 0), (ErrorKind::NotDelivered, 4)] {
        let begun = Instant::now();
        let error = driver.call::<OrderReportRequest>(request(), deadline).await.unwrap_err();
        assert_eq!((error.kind(), begun.elapsed().as_secs()), (kind, after));
        sleep(2 * SECOND).await;
    }
    assert_eq!(vendor.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_to_connect_at_its_deadline_was_not_sent() {
    let vendor = Arc::new(Connecting(AtomicBool::new(false)));
    let transport = TowerTransport::layered(vendor, ServiceBuilder::new().concurrency_limit(1)).timeout(SECOND);
    let driver = Driver::new(Arc::new(transport), RepeatPolicy::default().total(SECOND));
    let call = driver.repeat(const { &OrderReportRequest::OPERATION }, |deadline| {
        driver.call::<OrderReportRequest>(request(), deadline)
    });
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::NotDelivered);
}

/// A transport that fails to connect: at once, then after the nine tenths of a second that it is allowed.
#[derive(Debug)]
struct Connecting(AtomicBool);

#[async_trait]
impl Transport for Connecting {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if self.0.swap(true, Ordering::SeqCst) {
            sleep(SECOND.mul_f64(0.9)).await;
        }
        Err(TransportError::not_sent(io::Error::other("no connection")))
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_a_turn_counts_into_the_time() {
    let vendor = Vendor::taking(LONG);
    let limits = ServiceBuilder::new().rate_limit(1, 3 * SECOND);
    let transport = Arc::new(TowerTransport::layered(vendor.clone(), limits));
    let begun = Instant::now();
    let outcomes = send(&transport, 2).await;
    assert!(outcomes.iter().all(is_no_reply), "{outcomes:?}");
    assert_eq!((begun.elapsed().as_secs(), vendor.requests()), (10, 2));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_leaves_its_turn_to_the_next() {
    let vendor = Vendor::taking(SECOND);
    let limits = ServiceBuilder::new().rate_limit(1, 2 * SECOND).concurrency_limit(1);
    let transport = TowerTransport::layered(vendor.clone(), limits);
    transport.send(request()).await.unwrap();
    assert!(timeout(SECOND / 2, transport.send(request())).await.is_err());
    transport.send(request()).await.unwrap();
    assert_eq!(vendor.requests(), 2);
}

/// A retry policy that repeats failed requests and notes that it did.
#[derive(Debug, Clone, Default)]
struct Again(Arc<AtomicBool>);

impl<E> tower::retry::Policy<Request<Bytes>, Response<Bytes>, E> for Again {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Bytes>,
        outcome: &mut Result<Response<Bytes>, E>,
    ) -> Option<std::future::Ready<()>> {
        let again = outcome.is_err() && !self.0.swap(true, Ordering::SeqCst);
        again.then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Request<Bytes>) -> Option<Request<Bytes>> {
        Some(request.clone())
    }
}

#[tokio::test]
async fn a_layer_that_repeats_is_stopped_before_the_second_time() {
    let vendor = Vendor::failing(TransportError::no_reply(io::Error::other("lost")));
    let again = Again::default();
    let transport = TowerTransport::layered(vendor.clone(), ServiceBuilder::new().retry(again.clone()));
    let error = order(Arc::new(transport)).await.unwrap_err();
    assert!(again.0.load(Ordering::SeqCst), "the layer tried to");
    assert_eq!((error.kind(), vendor.requests()), (ErrorKind::UnknownOutcome, 1), "{error:?}");
}

#[tokio::test]
async fn a_layer_that_hides_whether_a_request_was_sent_gets_none_through() {
    let vendor = Vendor::taking(Duration::ZERO);
    let bare = |request: Request<Bytes>| Request::get(request.uri().clone()).body(request.into_body()).unwrap();
    let transport = TowerTransport::layered(vendor.clone(), ServiceBuilder::new().map_request(bare));
    let outcome = transport.send(request()).await;
    assert!(is_not_sent(&outcome), "{outcome:?}");
    assert!(why(outcome).contains("without the extensions"));
    assert_eq!(vendor.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_time_out_of_a_layer_says_not_sent_only_of_what_still_waited() {
    let vendor = Vendor::taking(3 * SECOND);
    let limits = ServiceBuilder::new().timeout(2 * SECOND).buffer(10).concurrency_limit(1);
    let transport = Arc::new(TowerTransport::layered(vendor.clone(), limits));
    let outcomes = send(&transport, 2).await;
    assert!(is_no_reply(&outcomes[0]) && is_not_sent(&outcomes[1]), "{outcomes:?}");
    sleep(LONG).await;
    assert_eq!(vendor.requests(), 1);
}

#[tokio::test]
async fn what_the_transport_says_comes_through_its_layers_unchanged() {
    let limits = || ServiceBuilder::new().buffer(1).load_shed().concurrency_limit(1);
    let error = || io::Error::other("its own");
    let reply = TowerTransport::layered(Vendor::with(Duration::ZERO, Ok(StatusCode::BAD_GATEWAY)), limits());
    assert_eq!(reply.send(request()).await.unwrap().status(), StatusCode::BAD_GATEWAY);
    for given in [TransportError::not_sent(error()), TransportError::no_reply(error())] {
        let outcome = TowerTransport::layered(Vendor::failing(given.clone()), limits()).send(request()).await;
        assert_eq!(is_not_sent(&outcome), is_not_sent::<()>(&Err(given)));
        assert_eq!(why(outcome), "its own");
    }
    let given = TransportError::BadBody { status: StatusCode::OK, retry_after: None, fault: BodyFault::CutShort };
    let outcome = TowerTransport::layered(Vendor::failing(given), limits()).send(request()).await;
    assert!(matches!(outcome, Err(TransportError::BadBody { fault: BodyFault::CutShort, .. })), "{outcome:?}");
}

/// A foreign service that can't be cloned and never becomes ready.
struct Broken;

impl Service<Request<Bytes>> for Broken {
    type Response = Response<Bytes>;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<Response<Bytes>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::other("broken")))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        unreachable!("it was never ready")
    }
}

#[tokio::test(start_paused = true)]
async fn any_service_is_a_transport_and_its_errors_prove_nothing() {
    let echo = service_fn(async |request: Request<Bytes>| Ok::<_, BoxError>(Response::new(request.into_body())));
    let reply = TowerTransport::new(echo).send(Request::new(Bytes::from_static(b"whole"))).await.unwrap();
    assert_eq!(reply.body().as_ref(), b"whole");

    let failing = service_fn(async |_: Request<Bytes>| Err::<Response<Bytes>, _>(io::Error::other("failed")));
    let outcome = TowerTransport::new(failing).send(request()).await;
    assert!(is_no_reply(&outcome), "{outcome:?}");
    let hanging = service_fn(async |_: Request<Bytes>| std::future::pending::<io::Result<Response<Bytes>>>().await);
    let outcome = TowerTransport::new(hanging).send(request()).await;
    assert!(is_no_reply(&outcome), "{outcome:?}");
    let outcome = TowerTransport::new(Broken).send(request()).await;
    assert!(is_not_sent(&outcome), "{outcome:?}");
}
