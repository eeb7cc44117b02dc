//! Inputs of a live recording: a TOML file that the environment names, and secrets from files or environment.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use toml::{Table, Value};
use weifen_transport::cassette::{Inputs, Scenario};
use weifen_transport::{BaseUrl, Plaintext};

use crate::vendor::Vendor;

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

/// Content of the file, by vendor.
pub(crate) struct Given {
    pub(crate) weiting: Option<Access>,
    pub(crate) fensi: Option<Access>,
}

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
    weiting: Option<WeitingSection>,
    fensi: Option<FensiSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeitingSection {
    #[serde(default = "weiting_url")]
    base_url: String,
    #[serde(default)]
    plaintext: bool,
    appid: String,
    secret_file: Option<PathBuf>,
    #[serde(default)]
    scenarios: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FensiSection {
    #[serde(default = "fensi_url")]
    base_url: String,
    #[serde(default)]
    plaintext: bool,
    develop_appid: String,
    app_secret_file: Option<PathBuf>,
    key: String,
    #[serde(default)]
    scenarios: Table,
}

fn weiting_url() -> String {
    "https://m.sh.189.cn".to_owned()
}

fn fensi_url() -> String {
    "https://api.fensiwansui.com".to_owned()
}

pub(crate) fn read() -> Result<Given> {
    let path = env::var_os(FILE).filter(|path| !path.is_empty());
    let path = PathBuf::from(path.with_context(|| format!("--live has no inputs: {HELP}"))?);
    let text = fs::read_to_string(&path).with_context(|| format!("{FILE}: cannot read {}", path.display()))?;
    let file: File = toml::from_str(&text).map_err(|error| anyhow!("{}: {}", path.display(), told(&error, &text)))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    Ok(Given {
        weiting: file.weiting.map(|section| weiting(section, folder)).transpose().context("[weiting]")?,
        fensi: file.fensi.map(|section| fensi(section, folder)).transpose().context("[fensi]")?,
    })
}

fn weiting(section: WeitingSection, folder: &Path) -> Result<Access> {
    let secret = secret("secret_file", section.secret_file, "WEIFEN_WEITING_SECRET", folder)?;
    let credentials = Inputs::new().with_text("appid", section.appid).with_text("secret", secret);
    access(&section.base_url, section.plaintext, credentials, section.scenarios)
}

fn fensi(section: FensiSection, folder: &Path) -> Result<Access> {
    let secret = secret("app_secret_file", section.app_secret_file, "WEIFEN_FENSI_APP_SECRET", folder)?;
    let credentials = Inputs::new()
        .with_text("develop_appid", section.develop_appid)
        .with_text("app_secret", secret)
        .with_text("key", section.key);
    access(&section.base_url, section.plaintext, credentials, section.scenarios)
}

fn access(base_url: &str, plaintext: bool, credentials: Inputs, scenarios: Table) -> Result<Access> {
    let plaintext = if plaintext { Plaintext::Allowed } else { Plaintext::Refused };
    Ok(Access { base_url: BaseUrl::new(base_url, plaintext)?, plaintext, credentials, scenarios })
}

/// Reads a secret from the file that `key` names, else from the environment. One newline at its end is dropped.
fn secret(key: &str, file: Option<PathBuf>, variable: &str, folder: &Path) -> Result<String> {
    let Some(file) = file else {
        return env::var(variable).map_err(|_| anyhow!("no secret: set {key}, or {variable} in the environment"));
    };
    let path = folder.join(file);
    let text = fs::read_to_string(&path).with_context(|| format!("{key}: cannot read {}", path.display()))?;
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
