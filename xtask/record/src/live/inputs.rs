//! Inputs of a live recording: a TOML file that the environment names, and secrets from files or environment.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use toml::{Table, Value};
use weifen_transport::cassette::{Inputs, Scenario};
use weifen_transport::{BaseUrl, Plaintext};

use crate::vendor::{self, Vendor};

const FILE: &str = "WEIFEN_RECORD_INPUTS";

pub(crate) const HELP: &str = r#"set WEIFEN_RECORD_INPUTS to a TOML file such as

  [weiting]
  appid = "…"
  secret_file = "…"                  # or WEIFEN_WEITING_SECRET in the environment
  base_url = "https://m.sh.189.cn"   # the default; plaintext = true lets it be http
  [weiting.scenarios.authorize_url]  # a table for each scenario to record, with its inputs
  state = "https://…"

  [fensi]
  develop_appid = "…"
  app_secret_file = "…"              # or WEIFEN_FENSI_APP_SECRET in the environment
  key = "…"
  base_url = "https://api.fensiwansui.com"
  [fensi.scenarios.scenes]

Paths are relative to that file. A scenario calls the vendor for real: notices are sent, orders reported, codes spent"#;

/// Base URL and credentials of a vendor, and the scenarios to record there.
pub(crate) struct Access {
    pub(crate) base_url: BaseUrl,
    pub(crate) plaintext: Plaintext,
    pub(crate) credentials: Inputs,
    scenarios: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    weiting: Option<Section>,
    fensi: Option<Section>,
}

/// The section of either vendor; they name the same things differently.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    base_url: Option<String>,
    #[serde(default)]
    plaintext: bool,
    #[serde(alias = "develop_appid")]
    appid: String,
    #[serde(alias = "app_secret_file")]
    secret_file: Option<PathBuf>,
    key: Option<String>,
    #[serde(default)]
    scenarios: Table,
}

/// Reads the file, and returns the vendors that have a section in it.
pub(crate) fn read() -> Result<Vec<(Vendor, Access)>> {
    let path = env::var_os(FILE).filter(|path| !path.is_empty());
    let path = PathBuf::from(path.with_context(|| format!("--live has no inputs: {HELP}"))?);
    let text = fs::read_to_string(&path).with_context(|| format!("{FILE}: cannot read {}", path.display()))?;
    let file: File = toml::from_str(&text).map_err(|error| anyhow!("{}: {}", path.display(), told(&error, &text)))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut given = Vec::new();
    for (vendor, section) in [(vendor::weiting(), file.weiting), (vendor::fensi(), file.fensi)] {
        if let Some(section) = section {
            let access = access(&vendor, section, folder).with_context(|| format!("[{}]", vendor.name))?;
            given.push((vendor, access));
        }
    }
    Ok(given)
}

fn access(vendor: &Vendor, section: Section, folder: &Path) -> Result<Access> {
    let secret = secret(vendor, section.secret_file, folder)?;
    let mut credentials = Inputs::new().with_text(vendor.appid, section.appid).with_text(vendor.secret, secret);
    if let Some(name) = vendor.key {
        credentials = credentials.with_text(name, section.key.with_context(|| format!("missing field `{name}`"))?);
    }
    let plaintext = if section.plaintext { Plaintext::Allowed } else { Plaintext::Refused };
    let base_url = BaseUrl::new(section.base_url.as_deref().unwrap_or(vendor.base_url), plaintext)?;
    Ok(Access { base_url, plaintext, credentials, scenarios: section.scenarios })
}

/// Reads the secret from its file, else from the environment. One newline at its end is dropped.
fn secret(vendor: &Vendor, file: Option<PathBuf>, folder: &Path) -> Result<String> {
    let Vendor { name, secret, .. } = vendor;
    let Some(file) = file else {
        let variable = format!("WEIFEN_{name}_{secret}").to_uppercase();
        return env::var(&variable).map_err(|_| anyhow!("no secret: set {secret}_file, or {variable}"));
    };
    let path = folder.join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("{secret}_file: cannot read {}", path.display()))?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

/// Returns line and message of the error, without the file's own text, which may hold a code or a number.
fn told(error: &toml::de::Error, text: &str) -> String {
    let line =
        error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| 1 + before.matches('\n').count());
    let problem = error.message();
    let names_a_key = ["missing field", "unknown field", "duplicate"].iter().any(|start| problem.starts_with(start));
    let problem = if names_a_key { problem } else { "this is no TOML, or of another type than expected" };
    format!("line {line}: {problem}; {HELP}")
}

impl Access {
    /// Returns the scenarios with a table of inputs; the one whose answer the others share comes first.
    pub(crate) fn scenarios(&self, vendor: &Vendor) -> Result<Vec<Scenario>> {
        let live = || vendor.scenarios.iter().filter(|scenario| scenario.is_live);
        for name in self.scenarios.keys() {
            let known: Vec<&str> = live().map(|scenario| scenario.name).collect();
            ensure!(
                known.contains(&name.as_str()),
                "[{}.scenarios.{name}]: there is no such scenario for a live vendor; there are {}",
                vendor.name,
                known.join(", ")
            );
        }
        let mut scenarios = Vec::new();
        for scenario in live() {
            let table = match self.scenarios.get(scenario.name) {
                Some(Value::Table(table)) => table,
                Some(_) => bail!("[{}.scenarios.{}] must be a table", vendor.name, scenario.name),
                None if vendor.shared == Some(scenario.name) && !self.scenarios.is_empty() => &Table::new(),
                None => continue,
            };
            let inputs = inputs(scenario, table).with_context(|| format!("[{}.scenarios]", vendor.name))?;
            scenarios.push(Scenario { inputs, ..scenario.clone() });
        }
        scenarios.sort_by_key(|scenario| vendor.shared != Some(scenario.name));
        Ok(scenarios)
    }
}

/// Reads the inputs of a scenario, which must have the names and types of its inputs for the sandbox.
fn inputs(scenario: &Scenario, table: &Table) -> Result<Inputs> {
    let known: Vec<&str> = scenario.inputs.names().collect();
    if let Some(unknown) = table.keys().find(|name| !known.contains(&name.as_str())) {
        bail!("{} takes no {unknown}; it takes {}", scenario.name, known.join(", "));
    }
    let mut inputs = Inputs::new();
    for name in known {
        let is_integer = scenario.inputs.integer(name).is_ok();
        inputs = match (table.get(name), is_integer) {
            (Some(Value::Integer(integer)), true) => inputs.with_integer(name, *integer),
            (Some(Value::String(text)), false) => inputs.with_text(name, text),
            (Some(_), true) => bail!("{name} of {} must be an integer", scenario.name),
            (Some(_), false) => bail!("{name} of {} must be a string", scenario.name),
            (None, _) => bail!("{name} of {} is missing", scenario.name),
        };
    }
    Ok(inputs)
}
