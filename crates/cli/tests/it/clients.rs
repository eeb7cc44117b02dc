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
use tempfile::NamedTempFile;
use weifen::sandbox::test_data;
use xtask_services::signal::Signal;

use crate::serve::client;
use crate::support::{PROXIES, Program, Running};

const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/clients");

/// The account that the sandbox matches to a new user.
const ACCOUNT: &str = "wx3cc413efaf3b1922";

/// A language that clients are written in.
struct Language {
    /// A command that ends well where this machine can run the clients.
    suits: &'static [&'static str],
    /// The command that runs a client.
    run: &'static [&'static str],
    shop: &'static str,
    verify: &'static str,
}

const PHP: Language = Language {
    suits: &["php", "-r", "exit(PHP_VERSION_ID < 80200 || !extension_loaded('curl') ? 1 : 0);"],
    run: &["php"],
    shop: "shop.php",
    verify: "verify.php",
};
const PYTHON: Language = Language {
    suits: &["python3", "-c", "import sys; sys.exit(sys.version_info < (3, 9))"],
    run: &["python3"],
    shop: "shop.py",
    verify: "verify.py",
};
const NODE: Language = Language {
    suits: &["node", "-e", "process.exit(parseInt(process.versions.node) < 18)"],
    run: &["node"],
    shop: "shop.mjs",
    verify: "verify.mjs",
};
const GO: Language = Language { suits: &["go", "version"], run: &["go", "run"], shop: "shop.go", verify: "verify.go" };
const JAVA: Language = Language {
    suits: &["javac", "--release", "17", "-version"],
    run: &["java"],
    shop: "Shop.java",
    verify: "Verify.java",
};

impl Language {
    fn is_here(&self) -> bool {
        let mut suits = Command::new(self.suits[0]);
        let run = suits.args(&self.suits[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let here = run.is_ok_and(|status| status.success());
        if !here {
            eprintln!("skipped: {}, for want of a suitable {} on PATH", self.shop, self.suits[0]);
        }
        here
    }

    fn command(&self, client: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.run[0]);
        command.args(&self.run[1..]).arg(Path::new(CLIENTS).join(client)).args(arguments);
        for name in PROXIES {
            command.env_remove(name);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// `weifen serve --sandbox`, and the key of its API.
struct Shop {
    serving: Running,
    ready: Value,
    key: NamedTempFile,
}

impl Shop {
    fn open() -> Self {
        let arguments = ["serve", "--sandbox", "--json", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        let mut serving = Program::new(&arguments).start();
        let ready: Value = serde_json::from_str(&serving.line()).unwrap();
        let key = NamedTempFile::new().unwrap();
        std::fs::write(&key, ready["first_look"]["api"]["key"].as_str().unwrap()).unwrap();
        Self { serving, ready, key }
    }

    /// Address and path of a control of the sandbox.
    fn control(&self, name: &str) -> (SocketAddr, String) {
        let control = self.ready["first_look"]["sandbox"]["control_url"].as_str().unwrap();
        let (address, path) = control.strip_prefix("http://").unwrap().split_once('/').unwrap();
        (address.parse().unwrap(), format!("/{path}/{name}"))
    }

    fn ask_sandbox(&self, name: &str, body: &Value) {
        let (address, path) = self.control(name);
        let answer = client::post(address, &path, &body.to_string());
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    fn state(&self) -> Value {
        let (address, path) = self.control("state");
        serde_json::from_str(&client::get(address, &path).body).unwrap()
    }

    fn follow(&self, number: &str) {
        self.ask_sandbox("follow", &json!({"auth_open_id": format!("user-{number}")}));
    }

    /// Books a newer code for the user and the account of this order.
    fn book_again(&self, number: &str) {
        let database = self.ready["first_look"]["database"].as_str().unwrap();
        let user = format!("user-{number}");
        let code = ["--auth-open-id", &user, "--key", test_data::KEY, "--appid", ACCOUNT, "--ttl", "60"];
        let book = [&["inbox", "book", "--database", database][..], &code].concat();
        let booked = Program::new(&book).env("WEIFEN_FENSI_DEVELOP_APPID", test_data::DEVELOP_APPID).run();
        assert_eq!(booked.code, 0, "{booked:?}");
    }

    /// The end and the words of an order. `then` happens when its code is shown.
    fn order(&self, language: &Language, number: &str, then: fn(&Self, &str)) -> (bool, String) {
        let mut client = language.command(language.shop, &[number]);
        client.env("WEIFEN_API", self.ready["first_look"]["api"]["url"].as_str().unwrap());
        let mut child = client.env("WEIFEN_KEY_FILE", self.key.path()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut told = String::new();
        stdout.read_line(&mut told).unwrap();
        if told.starts_with("show ") {
            then(self, number);
        }
        stdout.read_to_string(&mut told).unwrap();
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        (status.success(), told + &String::from_utf8(stderr).unwrap())
    }

    fn close(self) {
        assert_eq!(self.serving.end(Signal::INT).code, 0);
    }
}

fn sells(language: &Language) {
    if !language.is_here() {
        return;
    }
    let shop = Shop::open();
    let fails_once = |kind: Value| shop.ask_sandbox("faults", &json!([kind]));

    fails_once(json!({"kind": "status", "operation": "access_token", "status": 503, "before": true, "times": 1}));
    let (well, told) = shop.order(language, "1", Shop::follow);
    assert!(well, "{told}");
    for line in ["booking followed\n", "delivery evt_", ": order 1\n", "order report 2"] {
        assert!(told.contains(line), "{line} in {told}");
    }
    assert_eq!(shop.state()["faults"]["list"][0]["happened"], 1, "it was repeated after a failure: {told}");

    let (well, again) = shop.order(language, "1", |_, _| ());
    assert!(well, "{again}");
    let report = |told: &str| told.lines().find(|line| line.starts_with("order report")).map(str::to_owned);
    assert_eq!(report(&again), report(&told), "it was reported once");
    assert!(!again.contains("delivery"), "{again}");

    fails_once(json!({"kind": "reset", "operation": "order_report", "times": 1}));
    let (well, told) = shop.order(language, "2", Shop::follow);
    assert!(!well, "{told}");
    assert!(told.contains("the call report-2 is unknown: a person must look at it"), "{told}");
    shop.close();
}

fn says_why_it_does_not_sell(language: &Language) {
    if !language.is_here() {
        return;
    }
    let shop = Shop::open();
    let (well, told) = shop.order(language, "1", Shop::book_again);
    assert!(!well, "{told}");
    assert!(told.contains("booking replaced\nnot sold"), "{told}");
    assert!(!told.contains("order report"), "{told}");

    let hours = json!({"kind": "status", "operation": "access_token", "status": 503, "retry_after_s": 3600});
    shop.ask_sandbox("faults", &json!([hours]));
    let (well, told) = shop.order(language, "2", Shop::follow);
    assert!(!well, "{told}");
    assert!(told.contains(": order 2\n") && told.contains("; try again at "), "{told}");
    shop.close();
}

/// Whether the client takes a delivery for genuine.
fn verdict(language: &Language, secret: &Path, timestamp: u64, signature: &str, body: &str) -> String {
    let mut command = language.command(language.verify, &["evt_1", &timestamp.to_string(), signature]);
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
    let secret = NamedTempFile::new().unwrap();
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
fn a_shop_in_php_sells() {
    sells(&PHP);
}

#[test]
fn a_shop_in_php_says_why_it_does_not_sell() {
    says_why_it_does_not_sell(&PHP);
}

#[test]
fn a_shop_in_php_knows_a_forged_delivery() {
    verifies(&PHP);
}

#[test]
fn a_shop_in_python_sells() {
    sells(&PYTHON);
}

#[test]
fn a_shop_in_python_says_why_it_does_not_sell() {
    says_why_it_does_not_sell(&PYTHON);
}

#[test]
fn a_shop_in_python_knows_a_forged_delivery() {
    verifies(&PYTHON);
}

#[test]
fn a_shop_in_node_sells() {
    sells(&NODE);
}

#[test]
fn a_shop_in_node_says_why_it_does_not_sell() {
    says_why_it_does_not_sell(&NODE);
}

#[test]
fn a_shop_in_node_knows_a_forged_delivery() {
    verifies(&NODE);
}

#[test]
fn a_shop_in_go_sells() {
    sells(&GO);
}

#[test]
fn a_shop_in_go_says_why_it_does_not_sell() {
    says_why_it_does_not_sell(&GO);
}

#[test]
fn a_shop_in_go_knows_a_forged_delivery() {
    verifies(&GO);
}

#[test]
fn a_shop_in_java_sells() {
    sells(&JAVA);
}

#[test]
fn a_shop_in_java_says_why_it_does_not_sell() {
    says_why_it_does_not_sell(&JAVA);
}

#[test]
fn a_shop_in_java_knows_a_forged_delivery() {
    verifies(&JAVA);
}
