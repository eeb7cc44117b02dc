//! Every operation as these tests call it: with a canary in each value that must not be printed.

use serde_json::{Value, json};

/// How an operation may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// It may be sent again.
    Safe,
    /// It costs a fetch.
    Counted,
    /// What was handed in may be spent.
    Once,
    /// Something happens at the vendor.
    Write,
}

pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    pub(crate) arguments: &'static [&'static str],
    answer: &'static str,
    /// The field that says yes.
    pub(super) decides: &'static str,
    /// The field without which there is no answer.
    pub(super) needs: Option<&'static str>,
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

/// What must not be printed, however the vendor repeats it.
pub(super) const CANARIES: [&str; 12] =
    [SECRET, APP_SECRET, TOKEN, KEY, CODE, TICKET, MOBILE, OPENID, STATE, REMARK, USER, NICKNAME];

pub(crate) const OPERATIONS: [Operation; 11] = [
    Operation {
        name: "access_token",
        class: Class::Counted,
        arguments: &["weiting", "token"],
        answer: r#"{"data":"=CANARYtoken=r-X9=rR","status":200,"info":0}"#,
        decides: "status",
        needs: Some("data"),
    },
    Operation {
        name: "authorize_url",
        class: Class::Safe,
        arguments: &["weiting", "authorize-url", "--state", STATE],
        answer: r#"{"status":200,"redirect":"https://open.weixin.qq.com/connect?x=1#wechat_redirect"}"#,
        decides: "status",
        needs: Some("redirect"),
    },
    Operation {
        name: "openid_by_code",
        class: Class::Once,
        arguments: &["weiting", "openid", "--code", CODE],
        answer: r#"{"status":200,"openid":"oAnswered"}"#,
        decides: "status",
        needs: Some("openid"),
    },
    Operation {
        name: "bound_user",
        class: Class::Safe,
        arguments: &["weiting", "user", "--openid", OPENID],
        answer: r#"{"result":{"_id":"1","openid":"oAnswered","nickname":"n","headimg":"http://h/i","__v":0,
            "updateAt":"2016-05-27T03:10:02.000Z","createAt":"2016-05-27T03:10:02.000Z","accounts":[{"sort":"1"}]},
            "flag":0}"#,
        decides: "flag",
        needs: Some("result"),
    },
    Operation {
        name: "prize_notice",
        class: Class::Write,
        arguments: &[
            "weiting",
            "notify",
            "--openid",
            OPENID,
            "--first",
            "F",
            "--activity",
            "A",
            "--prize",
            "P",
            "--remark",
            REMARK,
            "--url",
            "http://h/",
        ],
        answer: r#"{"status":200,"result":"发送成功"}"#,
        decides: "status",
        needs: None,
    },
    Operation {
        name: "login_report",
        class: Class::Write,
        arguments: &["weiting", "login-report", "--openid", OPENID, "--deviceno", MOBILE],
        answer: r#"{"data":"success","status":200,"info":0}"#,
        decides: "status",
        needs: None,
    },
    Operation {
        name: "order_report",
        class: Class::Write,
        arguments: &["weiting", "order-report", "--openid", OPENID, "--deviceno", MOBILE, "--package", "1G"],
        answer: r#"{"data":"20160527-1","status":200,"info":0}"#,
        decides: "status",
        needs: Some("data"),
    },
    Operation {
        name: "mobile_by_ticket",
        class: Class::Once,
        arguments: &["weiting", "mobile", "--ticket", TICKET],
        answer: r#"{"errcode":0,"data":{"mobile":"17717463317"}}"#,
        decides: "errcode",
        needs: Some("data"),
    },
    Operation {
        name: "qrcode",
        class: Class::Once,
        arguments: &[
            "fensi",
            "qrcode",
            "--auth-open-id",
            USER,
            "--nickname",
            NICKNAME,
            "--sex",
            "0",
            "--ip",
            "183.13.188.125",
            "--state",
            "CANARYback",
        ],
        answer: r#"{"code":20000,"data":{"key":"k","develop_appid":"d","nickname":"n","city_code":null,
            "auth_open_id":"u","bidding":60,"appid":"wx1","appname":"a","code":"","expire":120,
            "qrcode_url":"http://127.0.0.1:9/q.png"},"message":"ok"}"#,
        decides: "code",
        needs: Some("data"),
    },
    Operation {
        name: "scenes",
        class: Class::Safe,
        arguments: &["fensi", "scenes"],
        answer: r#"{"code":20000,"data":[{"id":1,"name":"商场"}],"message":"ok"}"#,
        decides: "code",
        needs: Some("data"),
    },
    Operation {
        name: "cities",
        class: Class::Safe,
        arguments: &["fensi", "cities"],
        answer: r#"{"code":20000,"data":[{"id":1,"name":"北京市"}],"message":"ok"}"#,
        decides: "code",
        needs: Some("data"),
    },
];

impl Operation {
    pub(super) fn is_of_weiting(&self) -> bool {
        self.arguments[0] == "weiting"
    }

    /// Whether it carries a token, which has to be fetched first.
    pub(crate) fn carries_token(&self) -> bool {
        self.is_of_weiting() && self.class != Class::Counted
    }

    /// Whether the vendor is sent this, or knows it and signs with it.
    pub(super) fn sends(&self, canary: &str) -> bool {
        let of_client: &[&str] = match self.is_of_weiting() {
            true if self.class == Class::Counted => &[SECRET],
            true => &[SECRET, TOKEN],
            false => &[APP_SECRET],
        };
        self.arguments.contains(&canary) || of_client.contains(&canary)
    }

    /// The answer, as documented.
    pub(crate) fn answer(&self) -> Value {
        serde_json::from_str(self.answer).unwrap()
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
