//! The run itself.

use std::convert::identity;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use weifen::transport::http::{Method, Request, Response};
use weifen::transport::{Bytes, Transport, TransportError, async_trait};
use xtask_chaos::{Plan, Report, Told, run};

/// Lets one run at a time use the machine: two would cause more timeouts in both.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Number of compared calls in half a minute: twelve of each twenty can be compared with the log.
const COMPARED_IN_HALF_A_MINUTE: u64 = 30 * 100 * 12 / 20;

async fn chaos(seconds: u64, seed: u64, around: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>) -> Report {
    let _alone = ONE_AT_A_TIME.lock().await;
    let report = run(Plan { lasts: Duration::from_secs(seconds), rate: 100, seed }, around).await.unwrap();
    println!("{report}");
    report
}

fn reports_the_truth(report: &Report) {
    assert!(report.violations().is_empty(), "{report}");
}

#[tokio::test]
async fn half_a_minute_of_chaos_finds_every_outcome_and_every_report_true() {
    let report = chaos(30, 20_260_101, identity).await;
    reports_the_truth(&report);
    for told in Told::ALL {
        assert!(report.count(told) > 0, "{}: {report}", told.name());
    }
    for write in ["order_report", "login_report", "prize_notice"] {
        for told in [Told::Done, Told::Unknown, Told::NotDelivered] {
            assert!(report.count_of(write, told) > 0, "{write}, {}: {report}", told.name());
        }
    }
    for once in ["openid_by_code", "qrcode"] {
        assert!(report.count_of(once, Told::Done) > 0, "{once}: {report}");
    }
    assert_eq!(report.compared(), COMPARED_IN_HALF_A_MINUTE, "{report}");
    let (compared, violations) = (report.compared(), report.violations().len());
    println!(
        "reliability[chaos] 30 s of chaos at 100 calls a second, {compared} calls compared with the log: \
         {violations} false reports; each outcome was seen"
    );
}

#[tokio::test]
async fn any_other_seed_finds_every_report_true() {
    reports_the_truth(&chaos(5, u64::from(rand::random::<u32>()), identity).await);
}

/// A transport that repeats every POST that got no reply.
#[derive(Debug)]
struct Careless(Arc<dyn Transport>);

#[async_trait]
impl Transport for Careless {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        match self.0.send(request.clone()).await {
            Err(TransportError::NoReply(_)) if request.method() == Method::POST => self.0.send(request).await,
            outcome => outcome,
        }
    }
}

#[tokio::test]
async fn a_client_that_repeats_a_write_after_a_lost_reply_is_found_out() {
    let report = chaos(5, 1, |transport| Arc::new(Careless(transport))).await;
    let twice = |violation: &&String| violation.contains("it was done 2 times");
    assert!(report.violations().iter().filter(twice).count() > 0, "{report}");
}

/// A transport that reports lost replies as not sent.
#[derive(Debug)]
struct Liar(Arc<dyn Transport>);

#[async_trait]
impl Transport for Liar {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.0.send(request).await.map_err(|error| match error {
            TransportError::NoReply(source) => TransportError::NotSent(source),
            error => error,
        })
    }
}

#[tokio::test]
async fn a_client_that_takes_a_lost_reply_for_one_that_never_left_is_found_out() {
    let report = chaos(5, 1, |transport| Arc::new(Liar(transport))).await;
    let arrived = |violation: &&String| {
        violation.contains("was reported not delivered: it arrived") && violation.starts_with("order_report ")
    };
    assert!(report.violations().iter().filter(arrived).count() > 0, "{report}");
}
