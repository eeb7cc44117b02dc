//! 微厅: its eight operations, and the two pages that stand in for 微信's consent.

mod bound_user;
mod consent;
mod login_report;
mod mobile_by_ticket;
mod openid_by_code;
mod order_report;
mod prize_notice;
mod report;
mod token;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{clock, exchange::Operation, parameters::Call, settings::Settings, test_data};

pub(crate) static OPERATIONS: [&Operation; 10] = [
    &token::OPERATION,
    &consent::AUTHORIZE_URL,
    &consent::PAGE,
    &consent::GIVEN,
    &openid_by_code::OPERATION,
    &bound_user::OPERATION,
    &prize_notice::OPERATION,
    &login_report::OPERATION,
    &order_report::OPERATION,
    &mobile_by_ticket::OPERATION,
];

/// What 微厅 remembers.
#[derive(Default)]
pub(crate) struct Weiting {
    tokens: token::Tokens,
    codes: openid_by_code::Codes,
    spent_tickets: BTreeSet<String>,
    refused_tickets: u64,
    notices: Vec<Value>,
    login_reports: Vec<Value>,
    orders: Vec<Value>,
}

impl Weiting {
    /// Ends the token that a call carries; false where it carries no live one.
    pub(crate) fn end_token_of(&mut self, call: &Call, now: Timestamp) -> bool {
        call.query("access_token").is_some_and(|token| self.tokens.end(&token, now))
    }

    /// Refuses the next token fetch as the daily limit does.
    pub(crate) fn use_up_fetches(&mut self) {
        self.tokens.use_up();
    }

    pub(crate) fn state(&self, settings: &Settings, now: Timestamp) -> Value {
        json!({
            "tokens": self.tokens.state(settings, now),
            "codes": self.codes.state(),
            "users": test_data::OPENIDS,
            "tickets": test_data::TICKETS.map(|(ticket, mobile)| json!({
                "ticket": ticket,
                "mobile": mobile,
                "spent": self.spent_tickets.contains(ticket),
            })),
            "notices": self.notices,
            "login_reports": self.login_reports,
            "orders": self.orders,
        })
    }
}

fn knows(openid: &str) -> bool {
    test_data::OPENIDS.contains(&openid)
}

/// Beijing's date, or its time, as digits alone.
fn digits(at: Timestamp, format: &str) -> String {
    clock::beijing(at).strftime(format).to_string()
}
