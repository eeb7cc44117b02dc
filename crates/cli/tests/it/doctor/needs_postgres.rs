//! An inbox in a PostgreSQL, which each test starts for itself.

use xtask_services::Postgres;

use super::clinic::{Clinic, Report};

fn report(clinic: &Clinic, url: &str) -> Report {
    Report::of(clinic.doctor().arg("--timeout=5").env("WEIFEN_SERVE_DATABASE", url))
}

#[test]
fn it_is_looked_at_with_its_settings_and_given_no_tables() {
    let (clinic, mut postgres) = (Clinic::new(), Postgres::start());
    for _ in 0..2 {
        let report = report(&clinic, &postgres.url());
        report.says("database", "database", "ok", "has no tables of weifen yet");
        report.says("database", "PostgreSQL", "ok", "version 1");
        report.line("database", "durability");
    }
    let booking = ["inbox", "book", "--auth-open-id", "u", "--key", "k", "--appid", "a", "--ttl", "60", "--json"];
    let book = clinic.with(crate::support::Program::new(&booking)).env("WEIFEN_FENSI_DEVELOP_APPID", "fs");
    book.env("WEIFEN_SERVE_DATABASE", &postgres.url()).run().done();
    let known = report(&clinic, &postgres.url());
    known.says("database", "database", "ok", "version ");
    known.says("database", "pending", "ok", "no event waits");
    postgres.stop();
    let away = report(&clinic, &postgres.url());
    away.says("database", "database", "problem", "");
    away.says("push", "listen", "ok", "is free");
}
