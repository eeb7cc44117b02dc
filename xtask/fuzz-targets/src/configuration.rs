//! A configuration file, together with an environment.

use toml::{Table, Value};
use weifen::config::{Config, ConfigError, Sources};

const CANARY: &str = "zq7canary";

/// Checks a file, and after a line `---` the environment, one `NAME=VALUE` per line. They load, or the error names
/// place, key and expected value. Neither shows a secret, and no error shows a value.
pub fn configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (file, variables) = text.split_once("\n---\n").unwrap_or((text, ""));
    let variables: Vec<_> = variables.lines().filter_map(|line| line.split_once('=')).collect();
    if let Err(error) = load(file, &variables) {
        is_clear(&error, file);
    }
    let planted: Vec<_> = variables.iter().map(|(name, _)| (*name, CANARY)).collect();
    shows_nothing(&load(file, &planted));
    if let Ok(table) = file.parse::<Table>() {
        for plant in [everywhere, where_secrets_are] {
            let planted = Value::Table(table.iter().map(|(name, value)| (name.clone(), plant(name, value))).collect());
            shows_nothing(&load(&toml::to_string(&planted).expect("a table can be written"), &variables));
        }
    }
}

fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Sources::new().toml("weifen.toml", file).environment(variables.iter().copied()).load()
}

fn is_clear(error: &ConfigError, file: &str) {
    let shown = error.to_string();
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert!(shown.starts_with("weifen.toml:") || shown.starts_with("WEIFEN_"), "no place: {shown}");
    if let Some(line) = error.line() {
        assert!((1..=file.lines().count() + 1).contains(&line), "{shown}");
    }
    if matches!(error, ConfigError::Syntax { .. }) {
        return;
    }
    assert!(["expected", "did you mean"].iter().any(|words| shown.contains(words)), "no expectation: {shown}");
}

fn shows_nothing(loaded: &Result<Config, ConfigError>) {
    let shown = match loaded {
        // A value that is no secret, such as an appid, may be shown.
        Ok(config) => format!("{:?}", (&config.weiting.token_store, &config.serve.database, &config.http.proxy)),
        Err(error) => format!("{error} {error:?}"),
    };
    assert!(!shown.contains(CANARY), "{shown}");
}

/// Returns the value with canaries as its texts.
fn everywhere(_: &str, value: &Value) -> Value {
    match value {
        Value::String(_) => CANARY.into(),
        Value::Array(values) => Value::Array(values.iter().map(|value| everywhere("", value)).collect()),
        Value::Table(table) => {
            Value::Table(table.iter().map(|(name, value)| (name.clone(), everywhere(name, value))).collect())
        }
        _ => value.clone(),
    }
}

/// Returns the value with canaries under the keys of secrets.
fn where_secrets_are(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("secret" | "app_secret", Value::String(_)) => CANARY.into(),
        ("token_store", Value::String(_)) => format!("redis://u:{CANARY}@127.0.0.1").into(),
        ("database", Value::String(_)) => format!("postgres://u:{CANARY}@127.0.0.1/{CANARY}").into(),
        ("proxy", Value::String(_)) => format!("http://u:{CANARY}@127.0.0.1:1").into(),
        ("deliver_url", Value::String(_)) => format!("https://127.0.0.1/{CANARY}?{CANARY}").into(),
        (_, Value::Table(table)) => {
            Value::Table(table.iter().map(|(name, value)| (name.clone(), where_secrets_are(name, value))).collect())
        }
        _ => value.clone(),
    }
}
