//! The conformance kit: a correct transport passes, and each broken promise of another is named.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::task::JoinSet;
use tower::limit::ConcurrencyLimitLayer;
use weifen_transport::testing::transport_conformance;
use weifen_transport::{
    BodyFault, HyperTransport, NetworkFault, ReqwestTransport, ReqwestTransportBuilder, TowerTransport, Transport,
    TransportError,
};

const TIMEOUT: Duration = Duration::from_secs(2);

fn reqwest() -> ReqwestTransportBuilder {
    ReqwestTransport::builder().timeout(TIMEOUT)
}

#[tokio::test]
async fn reqwest_keeps_the_promises_of_a_transport() {
    transport_conformance(&reqwest().build().unwrap(), TIMEOUT).await;
}

#[tokio::test]
async fn hyper_keeps_the_promises_of_a_transport() {
    transport_conformance(&HyperTransport::builder().timeout(TIMEOUT).build().unwrap(), TIMEOUT).await;
}

#[tokio::test]
async fn layers_leave_the_promises_of_a_transport_kept() {
    let transport = Arc::new(reqwest().build().unwrap());
    let layered = TowerTransport::layered(transport, ConcurrencyLimitLayer::new(1)).timeout(TIMEOUT);
    transport_conformance(&layered, TIMEOUT).await;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    NothingWasSent,
    SendsAgain,
    Follows,
    TakesAPart,
    TakesAnything,
    PrintsTheUrl,
    WaitsForEver,
    MakesAnErrorOfAStatus,
    RefusedIsLost,
    SendsInClear,
    DropsAHeader,
    LosesTheReplysHeaders,
    TellsAnotherStatus,
    NamesALongerTime,
}

/// A transport that lies about reqwest's results.
#[derive(Debug)]
struct Liar {
    lie: Lie,
    inner: ReqwestTransport,
}

fn error(text: impl Into<String>) -> TransportError {
    TransportError::no_reply(io::Error::other(text.into()))
}

#[async_trait]
impl Transport for Liar {
    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        match self.lie {
            Lie::SendsInClear => {
                *request.uri_mut() = request.uri().to_string().replace("https:", "http:").parse().unwrap();
            }
            Lie::DropsAHeader => _ = request.headers_mut().remove("content-type"),
            _ => {}
        }
        let mut again = request.clone();
        let outcome = self.inner.send(request).await;
        match (self.lie, outcome) {
            (Lie::NothingWasSent, Err(TransportError::NoReply(source))) => Err(TransportError::NotSent(source)),
            (Lie::SendsAgain, Err(TransportError::NoReply(_))) => self.inner.send(again).await,
            (Lie::Follows, Ok(reply)) if reply.status().is_redirection() => {
                *again.uri_mut() = reply.headers()["location"].to_str().unwrap().parse().unwrap();
                self.inner.send(again).await
            }
            (Lie::TakesAPart, Err(TransportError::BadBody { status, fault: BodyFault::CutShort, .. })) => {
                Ok(Response::builder().status(status).body(Bytes::new()).unwrap())
            }
            (Lie::TakesAnything, Err(TransportError::NoReply(_))) => Ok(Response::new(Bytes::new())),
            (Lie::PrintsTheUrl, Err(_)) => Err(error(again.uri().to_string())),
            (Lie::WaitsForEver, Err(lost)) if matches!(lost.fault(), Some(NetworkFault::AnswerTimedOut)) => {
                pending().await
            }
            (Lie::MakesAnErrorOfAStatus, Ok(reply)) if !reply.status().is_success() => Err(error("no success")),
            (Lie::RefusedIsLost, Err(TransportError::NotSent(source))) => Err(TransportError::NoReply(source)),
            (Lie::LosesTheReplysHeaders, Ok(reply)) => {
                Ok(Response::builder().status(reply.status()).body(reply.into_body()).unwrap())
            }
            (Lie::TellsAnotherStatus, Err(TransportError::BadBody { retry_after, fault, .. })) => {
                Err(TransportError::BadBody { status: http::StatusCode::OK, retry_after, fault })
            }
            (_, outcome) => outcome,
        }
    }

    fn time_limit(&self) -> Option<Duration> {
        (self.lie == Lie::NamesALongerTime).then_some(TIMEOUT * 2)
    }
}

/// Returns the promises that the kit finds broken; `named` must be one of them.
async fn broken(named: &str, transport: impl Transport + 'static, timeout: Duration) -> String {
    let trial = tokio::spawn(async move { transport_conformance(&transport, timeout).await });
    let panic = trial.await.expect_err(named).into_panic();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_lie_is_named() {
    let mut trials = JoinSet::new();
    for (lie, named) in [
        (
            Lie::NothingWasSent,
            "closes the connection after the request: it claims that nothing was sent, and something",
        ),
        (Lie::NothingWasSent, "hangs after the request: it claims that nothing was sent, and something came"),
        (Lie::SendsAgain, "resets the connection before it reads: it sends the request more than once"),
        (Lie::SendsAgain, "resets the connection that it kept, after the request: it sends the request more than once"),
        (Lie::Follows, "\"content-length: 5\": the redirect is followed"),
        (Lie::TakesAPart, "cuts a body in a chunk: it makes a reply of none, or of a part"),
        (Lie::TakesAnything, "speaks no HTTP: it makes a reply of none, or of a part"),
        (Lie::PrintsTheUrl, "cuts the head: its error prints what was sent"),
        (Lie::WaitsForEver, "hangs within the head: it does not end within its time-out"),
        (Lie::MakesAnErrorOfAStatus, "answers GET with 404 and \"content-length: 2\": it makes an error of a reply"),
        (Lie::RefusedIsLost, "refuses the connection: it does not say that nothing was sent"),
        (Lie::SendsInClear, "at a server without TLS: the request is sent in clear"),
        (Lie::DropsAHeader, "it changes the request"),
        (Lie::LosesTheReplysHeaders, "it loses a header of the reply"),
        (Lie::TellsAnotherStatus, "cuts a body of a known length: it tells another status than the reply's"),
        (Lie::NamesALongerTime, "its time limit Some(4s) is longer than its time-out"),
    ] {
        let liar = Liar { lie, inner: reqwest().build().unwrap() };
        trials.spawn(async move { (named, broken(named, liar, TIMEOUT).await) });
    }
    // It has to read the whole flood in time.
    let (named, long) = ("floods the body: it reads without a bound", Duration::from_secs(5));
    let without_bound = reqwest().timeout(long).body_cap(usize::MAX).build().unwrap();
    trials.spawn(async move { (named, broken(named, without_bound, long).await) });
    for (named, broken) in trials.join_all().await {
        assert!(broken.contains(named), "{named}: {broken}");
    }
}
