//! Every key of the configuration, with invalid values in every source.

use std::error::Error;
use std::sync::Arc;

use anyhow::Result;
use weifen::Weifen;
use weifen::config::{Config, Sources};

use super::super::Stage;
use super::{Planted, add};
use crate::canary::{Secret, planted};
use crate::capture::{Capture, debugged};

/// Keys that name files with secrets.
const FILES: [&str; 5] = [
    "weiting.secret_file",
    "fensi.app_secret_file",
    "serve.push_secret_file",
    "serve.deliver_secret_file",
    "http.ca_file",
];

pub(super) fn gather(stage: Stage, capture: &mut Capture) -> Result<()> {
    // Keys differ in their readers; for most of them the text makes no difference.
    let some = if stage.is_quick { &planted()[..2] } else { planted() };
    let secrets: Vec<String> = some.iter().map(|secret| secret.value()).collect();
    let password = Secret::ProxyPassword.value();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("secret");
    let defaults = Sources::new().load()?;
    for (key, _) in defaults.origins() {
        let (section, name) = key.split_once('.').unwrap_or((key, ""));
        for value in secrets.iter().cloned().chain([
            format!("http://u:{password}@h"),
            format!("redis://:{password}@h:x"),
            format!("postgres://u:{password}@h:x/d"),
            format!("rediss://u:{password}@h/9999999999"),
            format!("sqlite:{password}\u{0}"),
            format!("127.0.0.1:{password}"),
        ]) {
            // A path is shown: it is no secret, whatever its name.
            if name.ends_with("_file") || value.starts_with("sqlite:") {
                continue;
            }
            let quoted = toml_text(&value);
            for line in [
                format!("{name} = {quoted}"),
                format!("{name} = [{quoted}]"),
                format!("{name} = {value}"),
                format!("{name} = {{ {name} = {quoted} }}"),
                format!("{name} = {quoted}{quoted}"),
            ] {
                let text = format!("[{section}]\n{line}\n");
                configured(capture, &format!("{key} in a file"), Sources::new().toml("weifen.toml", text));
            }
            let variable = format!("WEIFEN_{}", key.replace('.', "_").to_uppercase());
            let sources = Sources::new().environment([(variable, value.clone())]);
            configured(capture, &format!("{key} in the environment"), sources);
            configured(capture, &format!("{key} by the program"), Sources::new().set(key, value));
        }
    }
    for secret in &secrets {
        for content in
            [format!("{secret}\n\n"), format!(" {secret}"), format!("{secret}\nx\ny\nz"), secret.repeat(9000)]
        {
            std::fs::write(&file, content)?;
            for key in FILES {
                configured(capture, &format!("the file of {key}"), Sources::new().set(key, file.display().to_string()));
            }
            let text = "[[api.callers]]\nname = 'shop'\nkey_file = 'secret'";
            let sources = Sources::new().toml(folder.path().join("weifen.toml"), text);
            configured(capture, "the file of api.callers.key_file", sources);
        }
        for key in FILES {
            let stdin = std::io::Cursor::new(format!(" {secret} \n\n").into_bytes());
            configured(capture, &format!("{key} from stdin"), Sources::new().set(key, "-").stdin(stdin));
        }
        let text = format!("[[api.callers]]\nname = {0}\nkey_file = 'k'\nscopes = [{0}]", toml_text(secret));
        configured(capture, "a caller in a file", Sources::new().toml("weifen.toml", text));
    }
    for key in FILES {
        let sources = Sources::new().set(key, folder.path().display().to_string());
        configured(capture, &format!("{key} that is a folder"), sources);
    }
    Ok(())
}

fn toml_text(value: &str) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Loads a configuration, and reads all that can be read from it.
fn configured(capture: &mut Capture, from: &str, sources: Sources) {
    capture.add(from, debugged(&sources));
    let config = match sources.load() {
        Ok(config) => config,
        Err(error) => return add(capture, from, &error),
    };
    // Identifiers and addresses are no secrets, and are shown.
    if !["appid", "key", "base_url", "user_path"].iter().any(|shown| from.contains(shown)) {
        capture.add(from, debugged(&config));
    }
    for error in wants(from, &config) {
        add(capture, from, &*error);
    }
}

fn wants(from: &str, config: &Config) -> Vec<Box<dyn Error>> {
    let mut errors: Vec<Box<dyn Error>> = Vec::new();
    errors.extend(config.weiting.secret().err().map(Into::into));
    errors.extend(config.fensi.app_secret().err().map(Into::into));
    errors.extend(config.serve.push_secrets().err().map(Into::into));
    errors.extend(config.serve.delivery().err().map(Into::into));
    let callers = config.api.callers().unwrap_or_default();
    errors.extend(callers.iter().filter_map(|caller| caller.keys().err()).map(Into::into));
    let builder = Weifen::builder(config.clone());
    // Making the default transport takes long, and only [http] can make it fail.
    let builder = if from.starts_with("http.") { builder } else { builder.transport(Arc::new(Planted)) };
    match builder.build() {
        Ok(weifen) => {
            errors.extend(weifen.weiting().err().map(Into::into));
            errors.extend(weifen.fensi().err().map(Into::into));
        }
        Err(error) => errors.push(error.into()),
    }
    errors
}
