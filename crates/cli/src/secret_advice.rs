//! Advice for a secret that is not set, or whose file can't be used.

use std::io;
use std::path::Path;

use weifen::config::ConfigError;

use crate::shell;

/// Advice for `error`, if it is about a secret.
pub(crate) fn advice(error: &ConfigError) -> Option<String> {
    match error {
        ConfigError::SecretFile { key, path, source, .. } if source.kind() == io::ErrorKind::NotFound => {
            Some(format!("create it: {}", making(key, path)))
        }
        ConfigError::SecretContent { key, .. } => Some(format!("`{}` prints a new secret", fresh(key)?)),
        ConfigError::NotSet { key, .. } => of_unset(key),
        _ => None,
    }
}

/// Advice where `key`, the file of a secret that is ours to choose, is not set.
pub(crate) fn of_unset(key: &str) -> Option<String> {
    Some(format!("create a secret: (umask 077; {} > FILE), and set {key} to FILE", fresh(key)?))
}

/// The command that makes the file of `key`, for its owner alone.
fn making(key: &str, path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let folder = folder.map(|folder| format!("mkdir -p {} && ", shell::word(&folder.display().to_string())));
    let (folder, file) = (folder.unwrap_or_default(), path.display().to_string());
    let file = shell::word(&file);
    match fresh(key) {
        Some(fresh) => format!("{folder}(umask 077; {fresh} > {file})"),
        None => format!("{folder}(umask 077; cat > {file}), then type the vendor's secret, Enter and Ctrl-D"),
    }
}

/// The command that prints a fresh secret for `key`, where it is ours to choose.
fn fresh(key: &str) -> Option<String> {
    let purpose = match key {
        "serve.push_secret_file" => "push",
        "serve.deliver_secret_file" => "deliver",
        "api.callers.key_file" => "api",
        _ => return None,
    };
    Some(format!("{} secret {purpose}", shell::this_program()))
}
