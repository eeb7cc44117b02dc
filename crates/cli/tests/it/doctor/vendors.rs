//! A vendor that can't be reached, that hangs, answers oddly, or whose time is another.

use std::time::{Duration, Instant, SystemTime};

use super::clinic::{Clinic, Report};
use crate::support::{Program, Reply, Server};

fn report(url: &str) -> Report {
    Report::of(Clinic::new().with(Program::at(url, &["doctor", "--json", "--timeout=60"])))
}

/// A server whose clock differs from this machine's.
fn at_time(time: SystemTime) -> Server {
    let date = httpdate::fmt_http_date(time);
    Server::start(move |_| Reply::with("200 OK", &format!("date: {date}\r\n"), ""))
}

#[test]
fn every_http_status_is_an_answer() {
    for status in ["200 OK", "404 Not Found", "401 Unauthorized", "500 Internal Server Error", "503 Busy"] {
        let server = Server::start(move |_| Reply::with(status, "", ""));
        report(&server.url()).says("weiting", "answer", "ok", &format!("HTTP {}", &status[..3]));
    }
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    let other = Server::start(|_| Reply::with("200 OK", "", ""));
    let location = format!("location: {}/login?token=CANARY\r\n", other.url());
    let server = Server::start(move |_| Reply::with("302 Found", &location, ""));
    let report = report(&server.url());
    report.says("fensi", "answer", "ok", "HTTP 302 to 127.0.0.1");
    report.says("fensi", "answer", "ok", "not followed");
    assert_eq!(other.requests().len(), 0);
    assert!(!report.ended.printed().contains("CANARY"));
}

#[test]
fn a_refused_port_is_a_problem_of_its_vendor_alone() {
    let server = Server::start(|_| Reply::with("200 OK", "", ""));
    let clinic = Clinic::new();
    let program = Program::at(&server.url(), &["doctor", "--json"]).env("WEIFEN_WEITING_BASE_URL", &Server::nowhere());
    let report = Report::of(clinic.with(program));
    report.says("weiting", "connection", "problem", "refused");
    report.says("fensi", "answer", "ok", "HTTP 200");
}

#[test]
fn a_name_that_nobody_knows_is_a_problem() {
    let clinic = Clinic::new();
    let program = Program::at("https://nowhere.invalid", &["doctor", "--json", "--timeout=2"]);
    Report::of(clinic.with(program)).says("weiting", "connection", "problem", "nowhere.invalid");
}

#[test]
fn a_hung_server_is_told_in_time_and_hides_nothing() {
    let server = Server::start(|_| Reply::Hang);
    let clinic = Clinic::new();
    let begun = Instant::now();
    let report = Report::of(clinic.with(Program::at(&server.url(), &["doctor", "--json", "--timeout=2"])));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    for vendor in ["weiting", "fensi"] {
        report.says(vendor, "connection", "ok", "127.0.0.1");
        report.says(vendor, "answer", "problem", "no answer within");
    }
    report.says("token", "ledger", "ok", "0 of 200");
    report.says("database", "database", "ok", "");
}

#[test]
fn one_that_answers_without_an_end_keeps_nobody_else_from_an_answer() {
    let endless = Server::start(|_| Reply::Endless(b"HTTP/1.1 100 Continue\r\n\r\n"));
    let well = Server::start(|_| Reply::with("200 OK", "", ""));
    let clinic = Clinic::new();
    let program = Program::at(&well.url(), &["doctor", "--json", "--timeout=8"]);
    let begun = Instant::now();
    let report = Report::of(clinic.with(program).env("WEIFEN_WEITING_BASE_URL", &endless.url()));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    report.says("weiting", "answer", "problem", "no answer within");
    report.says("fensi", "answer", "ok", "HTTP 200");
}

#[test]
fn an_answer_that_is_no_http_is_a_problem() {
    let server = Server::start(|_| Reply::Raw(b"220 smtp.example ESMTP\x1b[31m\r\n".to_vec()));
    let report = report(&server.url());
    report.says("weiting", "answer", "problem", "");
    assert!(!report.ended.printed().contains('\u{1b}'));
    Report::of(Program::at(&Server::start(|_| Reply::Close).url(), &["doctor", "--json"]))
        .says("weiting", "answer", "problem", "");
}

#[test]
fn a_clock_is_ok_within_half_a_minute_and_a_problem_beyond_five() {
    let (now, minute) = (SystemTime::now(), Duration::from_mins(1));
    for (time, state, told) in [
        (now, "ok", "s off"),
        (now + Duration::from_secs(20), "ok", "s off"),
        (now - 2 * minute, "warning", "ahead of the vendor's"),
        (now + 3 * minute, "warning", "behind the vendor's"),
        (now - 60 * minute, "problem", "ahead of the vendor's"),
        (now + 60 * minute, "problem", "behind the vendor's"),
    ] {
        let report = report(&at_time(time).url());
        report.says("weiting", "clock", state, told);
        report.says("fensi", "clock", state, told);
    }
}

#[test]
fn what_a_cache_kept_is_no_wrong_clock_and_no_date_is_told() {
    let date = httpdate::fmt_http_date(SystemTime::now() - Duration::from_hours(1));
    let headers = format!("date: {date}\r\nage: 3600\r\n");
    let cached = Server::start(move |_| Reply::with("200 OK", &headers, ""));
    report(&cached.url()).says("weiting", "clock", "ok", "s off");
    let silent = Server::start(|_| Reply::with("200 OK", "date: yesterday\r\n", ""));
    report(&silent.url()).says("weiting", "clock", "warning", "no usable Date");
}

#[test]
fn plain_http_to_another_machine_is_a_problem_and_where_it_is_meant_a_warning() {
    let clinic = Clinic::new();
    // A name that leads nowhere, so that nothing goes out.
    let program = || Program::at("http://nowhere.invalid", &["doctor", "--json", "--timeout=2"]);
    let refused = Report::of(clinic.with(program()));
    refused.says("weiting", "base URL", "problem", "be sent unencrypted");
    refused.says("fensi", "base URL", "problem", "be sent unencrypted");
    let meant = program().env("WEIFEN_WEITING_PLAINTEXT", "true").env("WEIFEN_FENSI_PLAINTEXT", "true");
    let meant = Report::of(clinic.with(meant));
    meant.says("weiting", "base URL", "warning", "sent unencrypted");
    meant.says("fensi", "base URL", "warning", "sent unencrypted");
}

#[test]
fn credentials_that_lack_something_or_can_t_be_right_are_a_problem() {
    let server = Server::start(|_| Reply::with("200 OK", "", ""));
    let with = |name: &str, value: &str| {
        let clinic = Clinic::new();
        Report::of(clinic.with(Program::at(&server.url(), &["doctor", "--json"])).env(name, value))
    };
    with("WEIFEN_WEITING_SECRET", "").says("weiting", "credentials", "problem", "weiting.secret_file is not set");
    with("WEIFEN_FENSI_DEVELOP_APPID", "").says("fensi", "credentials", "problem", "fensi.develop_appid is not set");
    let spaced = with("WEIFEN_FENSI_DEVELOP_APPID", "CANARY ");
    spaced.says("fensi", "credentials", "problem", "white space");
}

#[test]
fn through_a_proxy_the_proxy_is_connected_to_and_named_without_its_password() {
    let proxy = Server::start(|_| Reply::with("407 Proxy Authentication Required", "", ""));
    let url = proxy.url().replace("http://", "http://user:CANARY@");
    let clinic = Clinic::new();
    let program = Program::at("http://127.0.0.1:9", &["doctor", "--json"]).env("WEIFEN_HTTP_PROXY", &url);
    let report = Report::of(clinic.with(program));
    report.says("http", "proxy", "ok", &proxy.url());
    report.says("weiting", "connection", "ok", "the proxy http://127.0.0.1");
    report.says("weiting", "answer", "problem", "407");
    assert!(!report.ended.printed().contains("CANARY"));
}

#[test]
fn this_machine_is_looked_at_past_a_proxy_that_is_another() {
    let server = Server::start(|_| Reply::with("200 OK", "", ""));
    let clinic = Clinic::new();
    let program = Program::at(&server.url(), &["doctor", "--json"]);
    let report = Report::of(clinic.with(program.env("WEIFEN_HTTP_PROXY", "http://192.0.2.1:3128")));
    for vendor in ["weiting", "fensi"] {
        report.says(vendor, "connection", "ok", "127.0.0.1");
        report.says(vendor, "answer", "ok", "HTTP 200");
    }
}
