//! The HTTP API: an address that others reach, and keys that are missing, weak, alike or read by others.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::clinic::{Clinic, Report};

const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const OTHER: &str = "CANARY3c4b5a69788796a5b4c3d2e1f0";

/// A report on the API at this address, with these callers and what their key files hold.
fn report(clinic: &Clinic, listen: &str, callers: &[(&str, &str)]) -> Report {
    let table = |(name, keys): &(&str, &str)| {
        clinic.file(name, keys);
        format!("[[api.callers]]\nname = '{name}'\nkey_file = '{name}'\nscopes = ['token']\n")
    };
    let tables: Vec<_> = callers.iter().map(table).collect();
    let text = format!("[api]\nlisten = '{listen}'\n{}", tables.concat());
    Report::of(clinic.doctor().env("WEIFEN_CONFIG", &clinic.file("weifen.toml", &text)))
}

#[test]
fn without_an_address_there_is_none() {
    Report::of(Clinic::new().doctor()).says("api", "set up", "ok", "no: api.listen is not set");
}

#[test]
fn each_caller_has_keys_of_its_own() {
    let clinic = Clinic::new();
    let well = report(&clinic, "127.0.0.1:0", &[("shop", KEY), ("till", &format!("{OTHER}\n{OTHER}2\n"))]);
    well.says("api", "listen", "ok", "127.0.0.1:0");
    well.says("api", "caller shop", "ok", "1 key, strong enough");
    well.says("api", "caller till", "ok", "2 keys, strong enough");
    let alike = report(&clinic, "127.0.0.1:0", &[("shop", OTHER), ("till", &format!("{KEY}\n{OTHER}"))]);
    alike.says("api", "caller shop", "ok", "1 key");
    alike.says("api", "caller till", "problem", "the key is also that of caller shop");
    assert!(!alike.ended.printed().contains("CANARY"));
    report(&clinic, "127.0.0.1:0", &[]).says("api", "callers", "problem", "does not start");
}

#[test]
fn a_key_that_is_weak_or_missing_is_a_problem_with_the_command_that_makes_one() {
    let clinic = Clinic::new();
    let weak = report(&clinic, "127.0.0.1:0", &[("shop", "CANARY")]);
    weak.says("api", "caller shop", "problem", "32 or more visible ASCII characters");
    assert!(!weak.ended.printed().contains("CANARY"));
    let toml = "[api]\nlisten = '127.0.0.1:0'\n[[api.callers]]\nname = 'shop'\nkey_file = 'none'\nscopes = ['token']\n";
    let missing = Report::of(clinic.doctor().env("WEIFEN_CONFIG", &clinic.file("weifen.toml", toml)));
    missing.says("api", "caller shop", "problem", "does not exist");
    for report in [weak, missing] {
        let line = report.checks().iter().find(|check| check["name"] == "caller shop").unwrap();
        assert!(line["advice"].as_str().unwrap().contains("secret api"), "{line}");
    }
}

#[test]
fn a_key_that_others_can_read_is_a_warning() {
    let clinic = Clinic::new();
    let path = clinic.file("till", KEY);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let toml = "[api]\nlisten = '127.0.0.1:0'\n[[api.callers]]\nname = 'till'\nkey_file = 'till'\nscopes = ['token']\n";
    let report = Report::of(clinic.doctor().env("WEIFEN_CONFIG", &clinic.file("weifen.toml", toml)));
    report.says("api", "caller till", "warning", "can be read by others than its owner (mode 0644)");
}

#[test]
fn an_address_that_other_machines_reach_is_a_warning() {
    let report = report(&Clinic::new(), "0.0.0.0:0", &[("shop", KEY)]);
    report.says("api", "listen", "warning", "plain http");
}

#[test]
fn of_callers_whose_settings_are_at_fault_nothing_is_guessed() {
    let clinic = Clinic::new();
    let toml = "[api]\nlisten = '127.0.0.1:0'\n[[api.callers]]\nname = 'till'\nkey_file = 'till'\nscopes = ['all']\n";
    let report = Report::of(clinic.doctor().env("WEIFEN_CONFIG", &clinic.file("weifen.toml", toml)));
    report.says("configuration", "api.callers.scopes", "problem", "expected");
    report.says("api", "callers", "warning", "not checked");
}
