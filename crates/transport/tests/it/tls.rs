//! Certificates that are accepted, and the errors of those that are not and of servers without a common TLS version.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use weifen_transport::{CertificateFault, NetworkFault, TransportError};

use crate::server::server;
use crate::stacks::{self, STACKS, Settings, get_by_both};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate and its private key.
struct Made {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn params(common_name: &str, hosts: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

/// Makes a certificate as `openssl req -x509` does: CA:TRUE.
fn authority_params(common_name: &str, hosts: &[&str]) -> CertificateParams {
    let mut params = params(common_name, hosts);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn self_signed(params: &CertificateParams) -> Made {
    let key = key();
    let certificate = params.self_signed(&key).unwrap();
    Made { chain: vec![certificate.der().clone()], key: der(&key) }
}

fn der(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

fn authority(common_name: &str) -> Authority {
    CertifiedIssuer::self_signed(authority_params(common_name, &[]), key()).unwrap()
}

fn issued(params: &CertificateParams, by: &Authority) -> Made {
    let key = key();
    Made { chain: vec![params.signed_by(&key, by).unwrap().der().clone()], key: der(&key) }
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// Answers every request with HTTP 200 over TLS of these versions.
async fn serving(made: Made, versions: &[&'static SupportedProtocolVersion], client: Option<&Authority>) -> SocketAddr {
    let provider = Arc::new(default_provider());
    let config = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(versions).unwrap();
    let config = match client {
        None => config.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            config.with_client_cert_verifier(verifier)
        }
    };
    // rustls does not check that the key belongs to the certificate.
    let certified = CertifiedKey::new(made.chain, any_supported_type(&made.key).unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                if stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {
                    _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                }
                _ = stream.shutdown().await;
            });
        }
    });
    address
}

/// Sends a request by both transports.
async fn get(port: u16, ca_pem: Option<&str>) -> Result<(), TransportError> {
    let settings = Settings { ca_pem: ca_pem.map(str::to_owned), ..Settings::default() };
    get_by_both(&settings, &format!("https://localhost:{port}/?access_token=canary")).await.map(drop)
}

/// Returns the fault of a request that provably was not sent.
async fn fault(port: u16, ca_pem: Option<&str>) -> NetworkFault {
    let error = get(port, ca_pem).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    error.fault().unwrap_or_else(|| panic!("{error:?}")).clone()
}

async fn certificate_fault(made: Made, ca_pem: Option<&str>) -> CertificateFault {
    let port = serving(made, rustls::ALL_VERSIONS, None).await.port();
    match fault(port, ca_pem).await {
        NetworkFault::Certificate(fault) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_servers_own_certificate_that_says_ca_true_is_trusted_where_it_is_listed() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let made = self_signed(&authority_params("shop", &["localhost"]));
        let listed = [pem(authority("another").der()), pem(&made.chain[0])].concat();
        let port = serving(made, &[version], None).await.port();
        get(port, Some(&listed)).await.unwrap();
    }
}

#[tokio::test]
async fn such_a_certificate_must_be_listed_byte_for_byte() {
    let key = key();
    let params = authority_params("shop", &["localhost"]);
    // The same key, name and issuer, with another serial number.
    let [served, listed] = [1, 2].map(|serial: u8| {
        let mut params = params.clone();
        params.serial_number = Some(vec![serial].into());
        params.self_signed(&key).unwrap()
    });
    let made = || Made { chain: vec![served.der().clone()], key: der(&key) };
    let fault = certificate_fault(made(), Some(&pem(listed.der()))).await;
    assert_eq!(fault, CertificateFault::AuthorityAsServer);
    assert!(fault.advice().contains("-addext subjectAltName=DNS:HOST"), "{}", fault.advice());
    assert_eq!(certificate_fault(made(), None).await, CertificateFault::AuthorityAsServer);
}

#[tokio::test]
async fn a_listed_certificate_is_held_to_its_dates_and_names_all_the_same() {
    let listed = async |change: &dyn Fn(&mut CertificateParams), hosts: &[&str]| {
        let mut params = authority_params("shop", hosts);
        change(&mut params);
        let made = self_signed(&params);
        let pem = pem(&made.chain[0]);
        certificate_fault(made, Some(&pem)).await
    };
    let expired = listed(&|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1), &["localhost"]).await;
    assert_eq!(expired.to_string(), "the certificate expired at 2020-01-01T00:00:00Z");
    let early = listed(&|params| params.not_before = rcgen::date_time_ymd(4000, 1, 1), &["localhost"]).await;
    assert_eq!(early.to_string(), "the certificate is not valid yet: it is valid from 4000-01-01T00:00:00Z");
    let other = listed(&|_| {}, &["a.example", "10.0.0.1", "*.b.example", "c.example"]).await;
    assert_eq!(
        other.to_string(),
        "the certificate is not valid for the name localhost: it is for a.example, 10.0.0.1, *.b.example and 1 more"
    );
    let none = listed(&|_| {}, &[]).await;
    assert_eq!(none, CertificateFault::NoName { expected: "localhost".to_owned() });
    assert!(none.advice().contains("subjectAltName"), "{}", none.advice());
}

#[tokio::test]
async fn a_listed_certificate_is_of_no_use_without_its_key() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let made = self_signed(&authority_params("shop", &["localhost"]));
        let pem = pem(&made.chain[0]);
        let port = serving(Made { key: der(&key()), ..made }, &[version], None).await.port();
        let fault = fault(port, Some(&pem)).await;
        assert!(matches!(fault, NetworkFault::Certificate(CertificateFault::Signature)), "{fault:?}");
    }
}

#[tokio::test]
async fn what_a_certificate_lacks_is_told() {
    let root = authority("Root");
    let trusted = pem(root.der());
    let mut for_clients = params("shop", &["localhost"]);
    for_clients.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let told = certificate_fault(issued(&for_clients, &root), Some(&trusted)).await;
    assert_eq!(told, CertificateFault::Purpose);
    let old = CertificateDer::from_pem_slice(VERSION_1.as_bytes()).unwrap();
    let made = Made { chain: vec![old], key: der(&key()) };
    assert_eq!(certificate_fault(made, Some(VERSION_1)).await, CertificateFault::OldFormat);
}

/// A certificate of `openssl x509 -req -signkey`, which makes no version 3 without extensions.
const VERSION_1: &str = "-----BEGIN CERTIFICATE-----
MIIBJDCBywIURrgnCI1dsIMHLGN0rk8m6eP77/8wCgYIKoZIzj0EAwIwFDESMBAG
A1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTIwMTgxN1oYDzIxMjYxMTA1MjAxODE3
WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQI9QZ2bxoDY6icwI6fLw1H3ENpfy6sUH7gqhW+rhszju8TUySXRyhGc2oCQI+p
kaEEWRRzS0vIYCTZRn4BpQK/MAoGCCqGSM49BAMCA0gAMEUCIBNDkOibj2kc4VTY
C4jbrmFP9hU7B5Yt7rJ36fPraJUAAiEArgJy2ry5IrsdKJpIa0NkkfqJh6poqt1W
zOVhTeXNU0Y=
-----END CERTIFICATE-----
";

#[tokio::test]
async fn an_unknown_issuer_is_told_by_where_the_chain_ends() {
    let root = authority("Root of Trust");
    let middle = CertifiedIssuer::signed_by(authority_params("Issuing CA 3", &[]), key(), &root).unwrap();
    let shop = params("shop", &["localhost"]);

    let alone = certificate_fault(issued(&shop, &middle), Some(&pem(root.der()))).await;
    assert_eq!(
        alone.to_string(),
        "unknown issuer: the certificate's chain ends at \"shop\", issued by \"Issuing CA 3\"; the server did not \
         send the certificate of that issuer, which is not trusted here"
    );
    assert!(alone.advice().contains("fullchain"), "{}", alone.advice());

    let with = |certificates: &[&Authority]| {
        let mut made = issued(&shop, &middle);
        made.chain.extend(certificates.iter().map(|authority| authority.der().clone()));
        made
    };
    let up_to_middle = certificate_fault(with(&[&middle]), None).await;
    assert_eq!(
        up_to_middle,
        CertificateFault::MissingIssuer {
            subject: "\"Issuing CA 3\"".to_owned(),
            issuer: "\"Root of Trust\"".to_owned()
        }
    );
    let up_to_root = certificate_fault(with(&[&root, &middle]), None).await;
    assert_eq!(up_to_root, CertificateFault::UnknownAuthority { authority: "\"Root of Trust\"".to_owned() });
    let self_made = certificate_fault(self_signed(&shop), None).await;
    assert_eq!(self_made, CertificateFault::SelfSigned { name: "\"shop\"".to_owned() });
    let whole = serving(with(&[&middle]), rustls::ALL_VERSIONS, None).await.port();
    get(whole, Some(&pem(root.der()))).await.unwrap();
}

/// A fatal TLS 1.2 alert.
fn alert(description: u8) -> Vec<u8> {
    vec![21, 3, 3, 0, 2, 2, description]
}

/// A ServerHello of TLS 1.0, as old servers begin.
fn server_hello_of_tls_1_0() -> Vec<u8> {
    let hello = [&[3, 1][..], &[7; 32], &[0], &[0, 0x2f], &[0]].concat();
    let length = u8::try_from(hello.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 2, 0, 0, length][..], &hello].concat()
}

#[tokio::test]
async fn a_server_with_no_tls_in_common_is_told_apart_from_one_without_tls() {
    for (answer, told) in [
        (alert(40), "no common cipher suite: the server refused the TLS handshake (alert handshake_failure)"),
        (alert(71), "no common cipher suite: the server refused the TLS handshake (alert handshake_failure)"),
        (alert(70), "no common TLS version: the server is too old; TLS 1.2 or 1.3 is required"),
        (server_hello_of_tls_1_0(), "no common TLS version: the server is too old; TLS 1.2 or 1.3 is required"),
        (alert(112), "the server does not know this host name (TLS alert unrecognized_name)"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "the server does not use TLS on that port"),
        (b"-ERR unknown command\r\n".to_vec(), "the server does not use TLS on that port"),
        (Vec::new(), "the server closed the connection during the TLS handshake: tls handshake eof"),
    ] {
        let server = server(answer, false);
        let fault = fault(server.address().port(), None).await;
        assert_eq!(fault.to_string(), told);
        let is_silent_in_tls = told.contains("does not use TLS") || told.contains("closed the connection");
        assert_eq!(fault.may_lack_tls(), is_silent_in_tls, "{told}");
        let advice = fault.advice().unwrap();
        assert!(!advice.contains("plain") && !advice.contains("http:"), "{advice}");
        assert_eq!(advice.contains("docs/old-tls.md"), told.starts_with("no common"), "{advice}");
    }
}

#[tokio::test]
async fn a_server_that_wants_a_client_certificate_says_so() {
    let root = authority("Root");
    let made = issued(&params("shop", &["localhost"]), &root);
    let port = serving(made, &[&rustls::version::TLS13], Some(&root)).await.port();
    // hyper may hear of it before it writes.
    for stack in STACKS {
        let transport = stack.transport(&Settings { ca_pem: Some(pem(root.der())), ..Settings::default() });
        let error = stacks::get(&*transport, &format!("https://localhost:{port}/")).await.unwrap_err();
        assert!(matches!(error.fault(), Some(NetworkFault::ClientCertificate)), "{error:?}");
    }
}
