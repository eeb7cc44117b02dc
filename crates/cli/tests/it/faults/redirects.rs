//! Redirects, none of which is followed: another server listens, and hears nothing.

use std::net::TcpListener;

use super::fault::{Ends, Fault, reply};
use super::operations::Operation;

/// The target of the redirects. Its backlog takes connections, and nobody may have made one.
pub(super) struct Elsewhere(TcpListener);

impl Elsewhere {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    pub(super) fn assert_untouched(&self) {
        let touched = self.0.accept();
        assert!(touched.is_err(), "a redirect was followed: {touched:?}");
    }
}

pub(super) fn faults(operation: &Operation, elsewhere: &Elsewhere) -> Vec<Fault> {
    let other = elsewhere.address();
    let redirect = |status: &str, name: &str, ends, headers: &str, body: &str| {
        Fault::bytes(format!("redirect: {status} {name}"), ends, reply(status, headers, body))
    };
    let mut faults = Vec::new();
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        for (name, location) in [
            ("elsewhere", format!("http://{other}/x?y=z")),
            ("elsewhere by the same scheme", format!("//{other}/x")),
            ("to the same host", "/elsewhere?y=z".to_owned()),
        ] {
            faults.push(redirect(status, name, Ends::NeverAnAnswer, &format!("location: {location}\r\n"), ""));
        }
    }
    let elsewhere = format!("location: https://{other}/\r\n");
    let refresh = format!("refresh: 0; url=http://{other}/\r\n");
    let page = format!("<meta http-equiv=refresh content='0;//{other}'>");
    faults.extend([
        redirect("302 Found", "elsewhere by https", Ends::NeverAnAnswer, &elsewhere, "<html>"),
        redirect("302 Found", "with an answer", Ends::Answered, &elsewhere, &operation.answer().to_string()),
        redirect("302 Found", "without a place", Ends::NoAnswer, &refresh, &page),
    ]);
    faults
}
