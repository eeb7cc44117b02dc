//! Records calls to the live vendors: the scenarios with inputs from the caller. Placeholders replace the values.

mod inputs;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use weifen_fensi::{NonceSource, RandomNonces};
use weifen_transport::cassette::{Inputs, Played, Recorder, Scenario, Stage};
use weifen_transport::{ReqwestTransport, Transport};

use crate::files::{file_name, make, shown};
use crate::record::record;
use crate::vendor::Vendor;
use inputs::Access;

const MADE_BY: &str = "cargo xtask record --live";

/// Records the scenarios of the inputs' file. The whole file is checked before anything is sent.
pub(crate) async fn run(root: &Path) -> Result<ExitCode> {
    let mut recordings = Vec::new();
    for (vendor, access) in inputs::read()? {
        let scenarios = access.scenarios(&vendor)?;
        recordings.push(Recording { vendor, access, scenarios, transport: Arc::new(ReqwestTransport::new()?) });
    }
    if recordings.iter().all(|recording| recording.scenarios.is_empty()) {
        bail!("nothing to record: {}", inputs::HELP);
    }
    let mut all_recorded = true;
    for recording in &recordings {
        all_recorded &= recording.run(root).await?;
    }
    println!("the clients' tests replay these too, and want snapshots of them:");
    println!("INSTA_UPDATE=always cargo test -p weifen-weiting -p weifen-fensi");
    Ok(if all_recorded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The scenarios to record at one vendor.
struct Recording {
    vendor: Vendor,
    access: Access,
    /// Scenarios with the given inputs instead of the sandbox's.
    scenarios: Vec<Scenario>,
    transport: Arc<dyn Transport>,
}

impl Recording {
    /// Records all scenarios; returns true where none failed.
    async fn run(&self, root: &Path) -> Result<bool> {
        let folder = self.vendor.folder(root)?.join("live");
        make(&folder)?;
        let Recording { vendor, scenarios, .. } = self;
        println!("{}: recording at {}", vendor.name, self.access.base_url.as_str());
        let mut all_recorded = true;
        let mut shared = Inputs::new();
        for scenario in scenarios {
            let is_shared = vendor.shared == Some(scenario.name);
            if is_shared {
                println!("{} cost: one {} is fetched, for all scenarios", vendor.name, scenario.name);
            }
            let recorded = self.record(scenario, &shared, &folder).await;
            let answered =
                recorded.and_then(|outcome| if is_shared { answered_text(&outcome).map(Some) } else { Ok(None) });
            match answered {
                Ok(Some(text)) => shared = shared.with_text(scenario.name, text),
                Ok(None) => {}
                Err(error) => {
                    eprintln!("{} {}: failed: {error:#}", vendor.name, scenario.name);
                    all_recorded = false;
                }
            }
            if is_shared && !all_recorded {
                eprintln!("{}: without {} nothing more is recorded", vendor.name, scenario.name);
                break;
            }
        }
        Ok(all_recorded)
    }

    async fn record(&self, scenario: &Scenario, shared: &Inputs, folder: &Path) -> Result<Played> {
        let Recording { vendor, access, transport, .. } = self;
        let inputs = stamp()?.with_all(&access.credentials).with_all(shared).with_all(&scenario.inputs);
        let recorder = Recorder::live(transport.clone(), MADE_BY, &inputs, vendor.allowed.clone());
        let recorder = Arc::new(recorder.below(&access.base_url));
        let stage = Stage {
            transport: recorder.clone(),
            base_url: access.base_url.as_str().to_owned(),
            plaintext: access.plaintext,
            inputs,
            let_pass: Arc::new(|_| {}),
        };
        let (cassette, outcome) = record(scenario, &recorder, stage, &vendor.allowed).await?;
        let path = folder.join(file_name(scenario.name));
        cassette.write(&path)?;
        println!("{} {}: {}, {}", vendor.name, scenario.name, outcome.verdicts().join(", "), shown(&path));
        Ok(outcome)
    }
}

/// Returns the current time, and new nonces.
fn stamp() -> Result<Inputs> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).context("the clock stands before 1970")?;
    let nonces = std::iter::repeat_with(|| RandomNonces.nonce()).take(3);
    Ok(Inputs::new().with_integer("timestamp", now.as_secs().try_into()?).with_texts("nonces", nonces))
}

fn answered_text(outcome: &Played) -> Result<String> {
    let answer =
        outcome.answer().context("the vendor refused; what it said is in the cassette, its values replaced")?;
    serde_json::from_str(answer).context("the answer is no text")
}
