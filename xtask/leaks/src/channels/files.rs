//! Files left on the disk: a token's file holds the token and no other secret, and only its owner can read it. An
//! inbox holds the pushes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;
use xtask_services::signal::Signal;

use super::Stage;
use super::inbox_site::ask;
use super::program::Program;
use super::server_log::{live, serve};
use crate::calls::push;
use crate::canary::Secret;
use crate::capture::Capture;
use crate::vendor::{Manner, Vendor};

/// Secrets that each kind of file may hold.
const TOKENS: &[Secret] = &[Secret::AccessToken];
const PUSHES: &[Secret] = &[Secret::PushName, Secret::PushState, Secret::Reference];

/// The files that the user wrote.
const GIVEN: [&str; 4] = ["weiting-secret", "app-secret", "push-secret", "deliver-secret"];

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut capture = Capture::default();
    let vendor = Vendor::start(Manner::Answers, false)?;
    let token = Program::at(&vendor.url(), &["weiting", "token"].map(str::to_owned))?.run()?;
    let store = token.folder.path().join("state/weifen/token.json");
    let mode = fs::metadata(&store)?.permissions().mode() & 0o777;
    anyhow::ensure!(mode == 0o600, "others may read the token's file: mode {mode:o}");
    if stage.is_planted {
        // The planted leak: the secret beside the token.
        fs::write(store.with_file_name("debug"), Secret::WeitingSecret.value())?;
    }
    walk(&mut capture, token.folder.path())?;
    if stage.is_planted {
        return Ok(capture);
    }
    for signal in [Signal::TERM, Signal::KILL] {
        let mut serving = serve(&vendor.url(), "json")?;
        live(&mut capture, &serving)?;
        let target = format!("/push/{}?{}", Secret::PushSecret.value(), Secret::DeliverUrl.parts()[0]);
        ask(serving.address("listen")?, "POST", &target, push("last").as_bytes())?;
        serving.end(signal)?;
        walk(&mut capture, serving.folder.path())?;
    }
    capture.signatures = vendor.signatures();
    Ok(capture)
}

/// Adds all files below `folder`, except those that the user wrote, each with the secrets that it may hold.
pub(super) fn walk(capture: &mut Capture, folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        capture.add("a file's name", name.clone());
        if entry.file_type()?.is_dir() {
            walk(capture, &entry.path())?;
        } else if !GIVEN.contains(&name.as_str()) {
            let allowed = match name.as_str() {
                _ if name.starts_with("token.json") => TOKENS,
                _ if name.starts_with("inbox.db") => PUSHES,
                _ => &[],
            };
            capture.add_with(name, fs::read(entry.path())?, allowed);
        }
    }
    Ok(())
}
