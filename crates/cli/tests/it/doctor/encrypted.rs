//! Vendors behind TLS: certificates that are accepted and that are not, and the authorities that decide.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, IsCa, KeyPair, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::clinic::{Clinic, Report};
use crate::support::{Program, Reply, Server};

fn made_for(name: &str) -> CertifiedKey<KeyPair> {
    generate_simple_self_signed([name.to_owned()]).unwrap()
}

/// Answers everything by HTTP 200, over TLS with this certificate; its port.
fn serving(made: &CertifiedKey<KeyPair>) -> u16 {
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    if stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                    }
                    let _ = stream.shutdown().await;
                });
            }
        });
    });
    port
}

fn report(port: u16, ca_file: Option<&str>) -> Report {
    let clinic = Clinic::new();
    // A machine may be slow, and nothing here depends on how long it takes.
    let program = Program::at(&format!("https://127.0.0.1:{port}"), &["doctor", "--json", "--timeout=60"]);
    let mut program = program.env("WEIFEN_HTTP_CONNECT_TIMEOUT_S", "60");
    if let Some(pem) = ca_file {
        program = program.env("WEIFEN_HTTP_CA_FILE", &clinic.file("ca.pem", pem));
    }
    Report::of(clinic.with(program))
}

#[test]
fn a_certificate_of_an_unknown_authority_is_a_problem_and_of_a_named_one_ok() {
    let made = made_for("127.0.0.1");
    let port = serving(&made);
    let unknown = report(port, None);
    unknown.says("weiting", "connection", "ok", "127.0.0.1");
    unknown.says("weiting", "TLS", "problem", "unknown issuer: the certificate is self-signed");
    let named = report(port, Some(&made.cert.pem()));
    named.says("http", "authorities", "ok", "1 certificate in");
    named.says("weiting", "TLS", "ok", "certificate accepted, TLS 1.3");
    named.says("weiting", "answer", "ok", "HTTP 200");
}

#[test]
fn a_certificate_for_another_name_is_a_problem() {
    let made = made_for("another.example");
    report(serving(&made), Some(&made.cert.pem())).says(
        "fensi",
        "TLS",
        "problem",
        "not valid for the name 127.0.0.1: it is for another.example",
    );
}

/// As `openssl req -x509` makes it.
#[test]
fn a_listed_certificate_that_says_ca_true_is_accepted_and_one_that_is_not_listed_told_how_to_be() {
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let signing_key = KeyPair::generate().unwrap();
    let made = CertifiedKey { cert: params.self_signed(&signing_key).unwrap(), signing_key };
    let port = serving(&made);
    report(port, Some(&made.cert.pem())).says("weiting", "TLS", "ok", "certificate accepted");
    let unlisted = report(port, Some(&made_for("127.0.0.1").cert.pem()));
    unlisted.says("weiting", "TLS", "problem", "CA:TRUE");
    assert!(advice(&unlisted, "TLS").contains("-addext subjectAltName=DNS:"));
}

/// The advice of a finding of 微厅.
fn advice(report: &Report, name: &str) -> String {
    let checks = report.checks();
    let of_vendor = checks.iter().find(|check| check["section"] == "weiting" && check["name"] == name).unwrap();
    of_vendor["advice"].as_str().unwrap().to_owned()
}

#[test]
fn a_server_that_is_too_old_for_a_common_cipher_suite_is_told_apart_from_one_without_tls() {
    // handshake_failure, protocol_version
    for (alert, told) in [(40, "no common cipher suite"), (70, "no common TLS version")] {
        let server = Server::refusing_tls(alert);
        let report = report(server.address().port(), None);
        report.says("weiting", "TLS", "problem", told);
        let advice = advice(&report, "TLS");
        assert!(advice.contains("docs/old-tls.md") && !advice.contains("plaintext"), "{advice}");
    }
}

#[test]
fn a_port_that_speaks_no_tls_or_hangs_is_a_problem() {
    let plain = Server::start(|_| Reply::with("200 OK", "", ""));
    let port = |server: &Server| server.url().rsplit(':').next().unwrap().parse().unwrap();
    report(port(&plain), None).says("weiting", "TLS", "problem", "");
    let clinic = Clinic::new();
    let hung = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", hung.local_addr().unwrap());
    let program = Program::at(&url, &["doctor", "--json", "--timeout=1"]);
    Report::of(clinic.with(program)).says("weiting", "TLS", "problem", "the TLS handshake timed out");
}

#[test]
fn authorities_that_can_t_be_used_are_told_once_and_hide_nothing() {
    let server = Server::start(|_| Reply::with("200 OK", "", ""));
    let clinic = Clinic::new();
    for (path, told) in
        [(clinic.path("missing"), "can't be read"), (clinic.file("none", "x"), "certificates in PEM format")]
    {
        let program = Program::at(&server.url(), &["doctor", "--json"]).env("WEIFEN_HTTP_CA_FILE", &path);
        let report = Report::of(clinic.with(program));
        report.says("http", "authorities", "problem", told);
        report.says("weiting", "connection", "ok", "");
        report.says("weiting", "answer", "warning", "not checked");
        report.says("token", "ledger", "ok", "");
    }
}

#[test]
fn certificates_that_never_come_hold_up_no_check_that_needs_none() {
    let (clinic, server) = (Clinic::new(), Server::start(|_| Reply::with("200 OK", "", "")));
    let pipe = clinic.pipe("pipe");
    let silent = |name: &str| {
        let program = Program::at(&server.url(), &["doctor", "--json"]).env(name, &pipe);
        Report::of(clinic.with(program))
    };
    let report = silent("SSL_CERT_FILE");
    report.says("http", "authorities", "problem", "reading the certificates");
    report.says("weiting", "connection", "ok", "127.0.0.1");
    report.says("token", "ledger", "ok", "");
    silent("WEIFEN_HTTP_CA_FILE").says("http", "authorities", "problem", "is not a regular file");
}
