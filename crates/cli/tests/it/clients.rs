//! The programs of docs/clients work as they stand against `weifen serve --sandbox`. One whose language is not on this
//! machine is skipped by name.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use weifen::sandbox::test_data;
use xtask_services::signal::Signal;

use crate::serve::client;
use crate::support::{PROXIES, Program};

const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/clients");

/// A client's language.
struct Language {
    interpreter: &'static str,
    /// Arguments with which the interpreter ends well if it can run the client.
    suits: [&'static str; 2],
    client: &'static str,
}

const PYTHON: Language = Language {
    interpreter: "python3",
    suits: ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"],
    client: "shop.py",
};
const NODE: Language = Language {
    interpreter: "node",
    suits: ["-e", "process.exit(parseInt(process.versions.node) < 18)"],
    client: "shop.mjs",
};
const PHP: Language = Language {
    interpreter: "php",
    suits: ["-r", "exit(PHP_VERSION_ID < 80200 || !extension_loaded('curl') ? 1 : 0);"],
    client: "shop.php",
};

impl Language {
    fn is_here(&self) -> bool {
        let run = Command::new(self.interpreter).args(self.suits).stderr(Stdio::null()).status();
        let here = run.is_ok_and(|status| status.success());
        if !here {
            eprintln!("skipped: {}, for want of a suitable {} on PATH", self.client, self.interpreter);
        }
        here
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.interpreter);
        command.arg(Path::new(CLIENTS).join(self.client)).args(arguments);
        for name in PROXIES {
            command.env_remove(name);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// What an order of `client` printed; its user follows when the code is shown.
fn order(client: &mut Command, control: (SocketAddr, &str)) -> (bool, String) {
    let mut child = client.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut told = String::new();
    stdout.read_line(&mut told).unwrap();
    if told.starts_with("show ") {
        let follow = json!({"auth_open_id": test_data::AUTH_OPEN_ID}).to_string();
        let (address, path) = control;
        assert_eq!(client::post(address, &format!("{path}/follow"), &follow).status, 200);
    }
    stdout.read_to_string(&mut told).unwrap();
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    (status.success(), told + &String::from_utf8(stderr).unwrap())
}

fn orders(language: &Language) {
    if !language.is_here() {
        return;
    }
    let arguments = ["serve", "--sandbox", "--json", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    let mut serving = Program::new(&arguments).start();
    let ready: Value = serde_json::from_str(&serving.line()).unwrap();
    let (api, sandbox) = (&ready["first_look"]["api"], &ready["first_look"]["sandbox"]);
    let control = sandbox["control_url"].as_str().unwrap().strip_prefix("http://").unwrap();
    let (address, path) = control.split_once('/').unwrap();
    let (address, path) = (address.parse().unwrap(), format!("/{path}"));
    let fail = |faults: Value| {
        let set = client::post(address, &format!("{path}/faults"), &faults.to_string());
        assert_eq!(set.status, 200, "{set:?}");
    };
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&key, api["key"].as_str().unwrap()).unwrap();
    let run = |number: &str| {
        let mut command = language.command(&["order", number]);
        command.env("WEIFEN_API", api["url"].as_str().unwrap()).env("WEIFEN_KEY_FILE", key.path());
        order(&mut command, (address, &path))
    };

    fail(json!([{"kind": "status", "operation": "access_token", "status": 503, "before": true, "times": 1}]));
    let (well, told) = run("1");
    assert!(well, "{told}");
    for line in ["booking followed\n", "delivery evt_", ": order 1\n", "order report 2"] {
        assert!(told.contains(line), "{line} in {told}");
    }
    let state: Value = serde_json::from_str(&client::get(address, &format!("{path}/state")).body).unwrap();
    assert_eq!(state["faults"]["list"][0]["happened"], 1, "it was repeated after a failure: {state}");

    fail(json!([{"kind": "reset", "operation": "order_report", "times": 1}]));
    let (well, told) = run("2");
    assert!(!well, "{told}");
    assert!(told.contains("the call report-2 is unknown: a person must look at it"), "{told}");
    assert_eq!(serving.end(Signal::INT).code, 0);
}

/// Whether the client takes a delivery for genuine.
fn verdict(language: &Language, secret: &Path, timestamp: u64, signature: &str, body: &str) -> String {
    let mut command = language.command(&["verify", "evt_1", &timestamp.to_string(), signature]);
    let mut child = command.env("WEIFEN_DELIVER_SECRET_FILE", secret).spawn().unwrap();
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn verifies(language: &Language) {
    if !language.is_here() {
        return;
    }
    let key = [7; 24];
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&secret, format!("whsec_{}\n", BASE64_STANDARD.encode(key))).unwrap();
    let sign = |timestamp: u64, body: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("evt_1.{timestamp}.{body}").as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let body = r#"{"nickname":"追梦小窝"}"#;
    let cases = [
        ("as it was signed", now, sign(now, body), "genuine"),
        ("with two secrets", now, format!("v1,AAAA {}", sign(now, body)), "genuine"),
        ("with another body", now, sign(now, "{}"), "forged"),
        ("of an hour ago", now - 3600, sign(now - 3600, body), "forged"),
        ("without a signature", now, String::new(), "forged"),
    ];
    for (delivery, timestamp, signature, expected) in cases {
        assert_eq!(verdict(language, secret.path(), timestamp, &signature, body), expected, "{delivery}");
    }
}

#[test]
fn a_shop_in_python_sells() {
    orders(&PYTHON);
}

#[test]
fn a_shop_in_python_knows_a_forged_delivery() {
    verifies(&PYTHON);
}

#[test]
fn a_shop_in_node_sells() {
    orders(&NODE);
}

#[test]
fn a_shop_in_node_knows_a_forged_delivery() {
    verifies(&NODE);
}

#[test]
fn a_shop_in_php_sells() {
    orders(&PHP);
}

#[test]
fn a_shop_in_php_knows_a_forged_delivery() {
    verifies(&PHP);
}
