//! Replies that repeat what must not be printed, and what a terminal would obey, wherever a reply has room for it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::fault::{Ends, Fault, reply};
use super::operations::{CANARIES, Operation};

/// Escape sequences, a bell, C1's CSI and OSC, an override of the writing direction, invisible and line-breaking ones.
pub(super) const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{9d}8;;h\u{9c}\u{202e}gnp\u{2066}\u{200b}\u{feff}\u{2028}\r\nerror: forged\u{8}\u{7f}\0";

/// Each canary as a vendor may repeat it.
pub(super) fn forms(canary: &str) -> Vec<String> {
    /// Escaped characters, about as few as `encodeURI`'s.
    const FEW: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'%').add(b'+');
    let all = utf8_percent_encode(canary, NON_ALPHANUMERIC).to_string();
    let mut forms = vec![
        canary.to_owned(),
        utf8_percent_encode(canary, FEW).to_string(),
        all.replace("%20", "+"),
        canary.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat(),
        all,
    ];
    forms.extend([STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD].map(|engine| engine.encode(canary)));
    forms.sort();
    forms.dedup();
    forms
}

/// The canaries that the vendor of this operation knows, in every form.
fn known(operation: &Operation) -> Vec<String> {
    CANARIES.iter().filter(|canary| operation.sends(canary)).flat_map(|canary| forms(canary)).collect()
}

pub(super) fn faults(operation: &Operation) -> Vec<Fault> {
    let known = known(operation);
    let all = known.join(" ");
    let html = format!("<html><body>{all}{ESCAPES}</body></html>");
    let one_line = all.replace(|c: char| !c.is_ascii_graphic() && c != ' ', "?");
    let headers = format!("x-echo: {one_line}\r\nset-cookie: t={one_line}\r\ncontent-type: {one_line}\r\n");
    let named: serde_json::Map<String, Value> = known.iter().map(|form| (form.clone(), json!(ESCAPES))).collect();
    let members = json!(named).to_string();
    let members = &members[1..members.len() - 1];
    let mut faults = vec![
        Fault::body("echo: the words of a refusal", Ends::Refused, operation.refusal(&all)),
        Fault::body(
            "echo: escapes in a refusal",
            Ends::Refused,
            operation.refusal(&format!("{ESCAPES}{all}{ESCAPES}")),
        ),
        Fault::bytes("echo: a page", Ends::NoAnswer, reply("502 Bad Gateway", "content-type: text/html\r\n", &html)),
        Fault::bytes("echo: headers of a page", Ends::NoAnswer, reply(&format!("500 {one_line}"), &headers, &html)),
        Fault::bytes("echo: headers of an answer", Ends::Answered, {
            reply(&format!("200 {one_line}"), &headers, operation.answer().to_string())
        }),
        Fault::bytes("echo: a header that is none", Ends::NoReply, {
            format!("HTTP/1.1 200 OK\r\n{one_line}\r\n\r\n{}", operation.answer())
        }),
        Fault::body("echo: names of unknown fields", Ends::Answered, operation.answer_after(members)),
        Fault::body("echo: names in what is needed", nameless(operation), {
            operation.answer_with(operation.needs.as_deref().unwrap_or("data"), json!([named]))
        }),
        Fault::body("echo: what decides", Ends::NoAnswer, operation.answer_with(operation.decides, json!(all))),
        Fault::body("echo: broken JSON", Ends::NoAnswer, format!("{{\"x\":\"{one_line}\",{one_line}")),
        Fault::bytes("echo: a retry-after", Ends::NoAnswer, {
            reply("503 Busy", &format!("retry-after: {one_line}\r\n"), &html)
        }),
    ];
    let hosts = known.iter().filter(|form| form.parse::<http::uri::Authority>().is_ok_and(|host| host.host() == *form));
    // A host is the same in any case.
    for host in hosts {
        let location = format!("location: http://{}.evil.example/?x={one_line}\r\n", host.to_lowercase());
        let name = format!("echo: a redirect to {host}");
        faults.push(Fault::bytes(name, Ends::NeverAnAnswer, reply("302 Found", &location, "")));
    }
    if operation.name == "mobile_by_ticket" {
        let header = json!({"TransactionID": [all], "Response": [{"RspCode": [ESCAPES], "RspDesc": [all]}]});
        let body = json!({"errcode": 1, "data": all, "msg": {"CAPRoot": {"SessionHeader": [header]}}});
        faults.push(Fault::body("echo: the system behind", Ends::Refused, body.to_string()));
        let in_mobile = json!({"errcode": 1, "data": {"mobile": all}}).to_string();
        faults.push(Fault::body("echo: a reason in place of a number", Ends::Refused, in_mobile));
    }
    faults
}

/// The outcome of a body without the documented fields: it is passed over where none of them is needed.
fn nameless(operation: &Operation) -> Ends {
    if operation.needs.is_some() { Ends::NoAnswer } else { Ends::Answered }
}
