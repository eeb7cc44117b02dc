//! The addresses of a server: our own server's are well, any other program's are not.

use std::net::TcpListener;

use tokio::net::TcpSocket;

use super::clinic::{Clinic, Report};
use super::ours::Ours;
use super::push::with_secret;
use crate::support::{Program, Reply, Server};

fn at(clinic: &Clinic, listen: &str, admin: &str) -> Program {
    with_secret(clinic).env("WEIFEN_SERVE_LISTEN", listen).env("WEIFEN_SERVE_ADMIN_LISTEN", admin)
}

#[test]
fn an_address_that_another_program_uses_is_a_problem() {
    let (clinic, other) = (Clinic::new(), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = other.local_addr().unwrap().to_string();
    let report = Report::of(with_secret(&clinic).env("WEIFEN_SERVE_LISTEN", &address));
    report.says("push", "listen", "problem", "is in use");
    report.says("push", "admin_listen", "ok", "is free");
    let report = Report::of(with_secret(&clinic).env("WEIFEN_SERVE_LISTEN", "192.0.2.1:8320"));
    report.says("push", "listen", "problem", "cannot listen on");
}

#[test]
fn addresses_that_our_own_server_uses_are_well_whatever_the_calls_need() {
    let clinic = Clinic::new();
    let ours = Ours::start(&clinic);
    let doctor = || at(&clinic, ours.address("listen"), ours.address("admin_listen"));
    for program in [
        doctor(),
        doctor().env("WEIFEN_HTTP_CA_FILE", &clinic.path("missing")),
        doctor().env("WEIFEN_HTTP_PROXY", &Server::nowhere()),
    ] {
        let report = Report::of(program);
        report.says("push", "listen", "ok", "in use by a server of weifen");
        report.says("push", "admin_listen", "ok", "in use by a server of weifen");
    }
}

#[test]
fn limits_that_a_running_server_is_near_are_told() {
    let clinic = Clinic::new();
    let ours = Ours::start(&clinic);
    let doctor = || Report::of(at(&clinic, ours.address("listen"), ours.address("admin_listen")));
    let well = doctor();
    well.says("push", "connections", "ok", "weifen_http_connections is 0 of");
    well.says("push", "quarantine", "ok", "weifen_inbox_quarantine_bytes is 0 of 1048576");
    for _ in 0..14 {
        ours.push(&"x".repeat(60_000));
    }
    doctor().says("push", "quarantine", "warning", " of 1048576");
}

#[test]
fn another_program_is_not_taken_for_ours_because_ours_runs_too() {
    let clinic = Clinic::new();
    let (ours, other) = (Ours::start(&clinic), TcpListener::bind("127.0.0.1:0").unwrap());
    let report = Report::of(at(&clinic, &other.local_addr().unwrap().to_string(), ours.address("admin_listen")));
    report.says("push", "admin_listen", "ok", "in use by a server of weifen");
    report.says(
        "push",
        "listen",
        "problem",
        &format!("another program: weifen's server here receives pushes on {}", ours.address("listen")),
    );
}

#[test]
fn nor_because_its_health_is_ok() {
    let (clinic, other) = (Clinic::new(), Server::start(|_| Reply::with("200 OK", "", "ok")));
    let address = other.url().replace("http://", "");
    let report = Report::of(at(&clinic, "127.0.0.1:0", &address));
    report.says("push", "admin_listen", "problem", "no server of weifen answers");
}

#[test]
fn both_can_t_be_the_same() {
    // Nobody is given it who asks for any port; who asks for it by its number gets it.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let free = socket.local_addr().unwrap().to_string();
    let report = Report::of(at(&Clinic::new(), &free, &free));
    for key in ["listen", "admin_listen"] {
        report.says("push", key, "problem", "is both serve.listen and serve.admin_listen");
    }
}
