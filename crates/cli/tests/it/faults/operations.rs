//! Every operation as these tests call it: with a canary in each value that must not be printed.

use std::sync::LazyLock;

use serde_json::{Value, json};
use weifen::proto::Vendor;
use xtask_specimens::{Call, Effect, SPECIMENS, Specimen};

pub(crate) struct Operation {
    specimen: &'static Specimen,
    pub(crate) name: &'static str,
    pub(crate) effect: Effect,
    pub(crate) arguments: Vec<&'static str>,
    /// The field that says yes.
    pub(super) decides: &'static str,
    /// The field without which there is no answer.
    pub(super) needs: Option<String>,
}

pub(super) const SECRET: &str = "wtCANARYsecret+/=1";
pub(super) const APP_SECRET: &str = "fsCANARYappsecret&2";
pub(super) const TOKEN: &str = "=CANARYtoken=r-X9=rR";
pub(super) const KEY: &str = "fsCANARYdevice-key";
const CODE: &str = "CANARYcode/+NGQ2Zg==";
const TICKET: &str = "CANARYticket%7E5";
const MOBILE: &str = "18955550123";
const OPENID: &str = "oCANARYopenid_6-x";
const STATE: &str = "http://h/CANARYback?device=7";
const REMARK: &str = "请致电 CANARYremark";
const USER: &str = "uCANARYauth8";
const NICKNAME: &str = "CANARYnick 小明";

/// Values that must not be printed, however the vendor repeats them.
pub(super) const CANARIES: [&str; 12] =
    [SECRET, APP_SECRET, TOKEN, KEY, CODE, TICKET, MOBILE, OPENID, STATE, REMARK, USER, NICKNAME];

pub(crate) static OPERATIONS: LazyLock<Vec<Operation>> =
    LazyLock::new(|| SPECIMENS.iter().map(Operation::of).collect());

/// The value of a parameter, where it is one that must not be printed.
fn canary(parameter: &str) -> Option<&'static str> {
    Some(match parameter {
        "code" => CODE,
        "ticket" => TICKET,
        "deviceno" => MOBILE,
        "openid" => OPENID,
        "state" => STATE,
        "remark" => REMARK,
        "auth_open_id" => USER,
        "nickname" => NICKNAME,
        _ => return None,
    })
}

impl Operation {
    fn of(specimen: &'static Specimen) -> Self {
        let answer = specimen.answer();
        let decides = ["status", "errcode", "flag", "code"].into_iter().find(|field| answer.get(field).is_some());
        let other = (specimen.body)(&json!("other"));
        let needs = answer.as_object().unwrap().iter().find(|(name, value)| other.get(name) != Some(value));
        Self {
            specimen,
            name: specimen.name(),
            effect: specimen.effect,
            arguments: specimen.words(&|parameter| canary(parameter).unwrap_or_else(|| specimen.example(parameter))),
            decides: decides.unwrap(),
            needs: needs.map(|(name, _)| name.clone()),
        }
    }

    /// The request, as the command with these arguments makes it.
    pub(super) fn request(&self) -> Box<dyn Call> {
        let value = |parameter: &str| canary(parameter).unwrap_or_else(|| self.specimen.example(parameter)).to_owned();
        (self.specimen.request)(&value).unwrap()
    }

    pub(super) fn is_of_weiting(&self) -> bool {
        self.specimen.entry.operation.vendor == Vendor::Weiting
    }

    /// Returns true if it carries a token, which has to be fetched first.
    pub(crate) fn carries_token(&self) -> bool {
        self.is_of_weiting() && self.effect != Effect::Counted
    }

    /// Returns true if the vendor gets this value, or knows it for the signature.
    pub(super) fn sends(&self, canary: &str) -> bool {
        let of_client: &[&str] = match self.is_of_weiting() {
            true if self.effect == Effect::Counted => &[SECRET],
            true => &[SECRET, TOKEN],
            false => &[APP_SECRET],
        };
        self.arguments.contains(&canary) || of_client.contains(&canary)
    }

    /// The answer, as documented.
    pub(crate) fn answer(&self) -> Value {
        match self.effect {
            Effect::Counted => (self.specimen.body)(&json!(TOKEN)),
            _ => self.specimen.answer(),
        }
    }

    /// The document that the command prints of it.
    pub(crate) fn printed(&self) -> Value {
        (self.specimen.printed)(&(self.specimen.entry.read)(self.answer().to_string().as_bytes()).unwrap())
    }

    /// The answer with one field set.
    pub(super) fn answer_with(&self, field: &str, value: Value) -> String {
        let mut answer = self.answer();
        answer[field] = value;
        answer.to_string()
    }

    pub(super) fn answer_without(&self, field: &str) -> String {
        let mut answer = self.answer();
        answer.as_object_mut().unwrap().remove(field);
        answer.to_string()
    }

    /// The answer with these members before its own, as they are.
    pub(super) fn answer_after(&self, members: &str) -> String {
        format!("{{{members},{}", &self.answer().to_string()[1..])
    }

    /// A no with these words.
    pub(crate) fn refusal(&self, words: &str) -> String {
        let code = 40404;
        if self.is_of_weiting() {
            json!({ "status": code, "errMsg": words }).to_string()
        } else {
            json!({ "code": code, "data": null, "message": words }).to_string()
        }
    }
}
