//! The table over `HyperTransport`, which the command line does not use: calls in this process end in the same ways,
//! and no compressed reply is read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use weifen::fensi::Fensi;
use weifen::transport::{CallError, HyperTransport, RepeatPolicy};
use weifen::weiting::Weiting;
use xtask_specimens::Vendors;

use super::case::Case;
use super::failure::Failure;
use super::fault::{Ends, Fault};
use super::operations::{APP_SECRET, KEY, SECRET};
use super::script::Step;
use crate::support::NOBODYS;

impl Case {
    /// # Errors
    /// The difference from the documentation.
    pub(super) fn run_over_hyper(&self) -> Result<(), Failure> {
        let server = self.server();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let begun = Instant::now();
        let (outcome, took) = runtime.block_on(async {
            let vendors = vendors(&server.url(), Duration::from_secs(self.fault.timeout()));
            let outcome = self.operation.request().send(&vendors).await.map(drop);
            (outcome, begun.elapsed())
        });
        let error = outcome.err();
        if let Some(error) = &error {
            // A vendor's text stands in an error as it came: whoever prints it to a terminal escapes it.
            self.check_print("", &format!("{error:?} {:?}", told(error)))?;
        }
        let kind = error.as_ref().map(|error| error.kind().as_str());
        let is_about = error.as_ref().map(|error| error.operation().name);
        let documented = over_hyper(&self.fault).documented(self.faulty.effect);
        let is_documented = documented.iter().any(|documented| {
            documented.kind == kind
                && is_about == kind.and(Some(self.faulty.name))
                && documented.arrivals == server.arrived()
        });
        if is_documented {
            return Ok(());
        }
        Err(self.ended(took, format!("is not {documented:?}: {error:?}, {} arrived", server.arrived())))
    }
}

fn vendors(url: &str, timeout: Duration) -> Vendors {
    let transport = Arc::new(HyperTransport::builder().timeout(timeout).ca_pem(&**NOBODYS).build().unwrap());
    let repeats = RepeatPolicy::default().total(timeout);
    let weiting = Weiting::builder("an-appid", SECRET.to_owned()).base_url(url).user_path("/user");
    let fensi = Fensi::builder("a-developer", APP_SECRET.to_owned()).base_url(url).key(KEY);
    Vendors {
        weiting: weiting.transport(transport.clone()).repeats(repeats).build().unwrap(),
        fensi: fensi.transport(transport).repeats(repeats).build().unwrap(),
    }
}

/// Returns the error with its causes.
fn told(error: &CallError) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

/// Returns the fault with its end over hyper, which refuses what comes compressed.
fn over_hyper(fault: &Fault) -> Fault {
    let is_compressed = fault
        .steps
        .iter()
        .any(|step| matches!(step, Step::Send(bytes) if String::from_utf8_lossy(bytes).contains("content-encoding: ")));
    let ends = if is_compressed { Ends::NeverAnAnswer } else { fault.ends };
    Fault { ends, ..fault.clone() }
}
