//! A running check: beside all others, on a thread that it may block, with its own timeout.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout_at};

use super::finding::{Finding, Findings};

/// Time that a check may take beyond its own timeouts.
const GRACE: Duration = Duration::from_secs(1);

pub(super) struct Check {
    section: &'static str,
    limit: Duration,
    ends: Instant,
    work: JoinHandle<Vec<Finding>>,
}

impl Check {
    /// Begins `work`, whose own timeouts end within `limit`.
    pub(super) fn begin(
        section: &'static str,
        limit: Duration,
        work: impl Future<Output = Findings> + Send + 'static,
    ) -> Self {
        let (limit, runtime) = (limit + GRACE, Handle::current());
        let ends = Instant::now() + limit;
        Self { section, limit, ends, work: spawn_blocking(move || runtime.block_on(work).into_all()) }
    }

    /// Waits for its findings, or reports that it did not finish.
    pub(super) async fn findings(mut self) -> Vec<Finding> {
        let mut instead = Findings::of(self.section);
        match timeout_at(self.ends, &mut self.work).await {
            Ok(Ok(findings)) => return findings,
            Ok(Err(_)) => {
                instead.problem("this check", "weifen failed during this check", "report this with the output of -vv");
            }
            Err(_) => {
                let found = format!("the check timed out after {} s", self.limit.as_secs());
                instead.problem("this check", found, "check the disk and the network that the check uses");
            }
        }
        instead.into_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUCK: u32 = 30;

    /// As `weifen doctor` runs: one thread, which nothing may block.
    #[test]
    fn what_never_ends_costs_its_own_limit_and_hides_nothing() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let stuck = || async {
            loop {
                std::thread::park();
            }
        };
        let well = async {
            let mut findings = Findings::of("well");
            findings.ok("it", "is");
            findings
        };
        let began = Instant::now();
        let found = runtime.block_on(async {
            let mut checks: Vec<_> = (0..STUCK).map(|_| Check::begin("stuck", Duration::ZERO, stuck())).collect();
            checks.push(Check::begin("well", Duration::from_mins(1), well));
            let mut found = Vec::new();
            for check in checks {
                found.extend(check.findings().await.into_iter().map(|finding| (finding.section, finding.name)));
            }
            found
        });
        runtime.shutdown_background();
        assert!(began.elapsed() < STUCK / 2 * GRACE, "{:?}", began.elapsed());
        let mut expected = vec![("stuck", "this check".to_owned()); STUCK as usize];
        expected.push(("well", "it".to_owned()));
        assert_eq!(found, expected);
    }
}
