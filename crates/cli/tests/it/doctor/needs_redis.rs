//! A token in a Redis, which each test starts for itself.

use xtask_services::Redis;

use super::clinic::{Clinic, Report};
use crate::support::Sandboxed;

#[test]
fn it_is_read_and_when_it_is_away_or_refuses_that_is_a_problem() {
    let (clinic, sandbox, mut redis) = (Clinic::new(), Sandboxed::start(), Redis::with_password("CANARY"));
    let with =
        |url: &str, arguments: &[&str]| clinic.with(sandbox.program(arguments)).env("WEIFEN_WEITING_TOKEN_STORE", url);
    let (doctor, right) = (["doctor", "--json"], format!("redis://:CANARY@127.0.0.1:{}", redis.port()));
    let empty = Report::of(with(&right, &doctor));
    empty.says("token", "store", "ok", "reached");
    empty.says("token", "token", "ok", "none yet");
    with(&right, &["weiting", "token", "--json"]).run().done();
    let full = Report::of(with(&right, &doctor));
    full.says("token", "token", "ok", "generation 1");
    full.says("token", "ledger", "ok", "1 of 200");
    let refused = Report::of(with(&right.replace("CANARY", "CANARY-WRONG"), &doctor));
    refused.says("token", "store", "problem", "");
    redis.stop();
    let away = Report::of(with(&right, &doctor));
    away.says("token", "store", "problem", "");
    for report in [empty, full, refused, away] {
        assert!(!report.ended.printed().contains("CANARY"));
    }
    assert_eq!(sandbox.fetches(), 1);
}
