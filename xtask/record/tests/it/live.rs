//! Live recording, with a sandbox in place of the vendors: none of its values gets into a file or into the output.

use std::collections::BTreeSet;
use std::fs;

use bytes::Bytes;
use serde_json::Value;
use weifen_sandbox::{Sandbox, test_data};
use weifen_transport::{ReqwestTransport, Transport};

use crate::{Project, printed};

/// Values that the vendors' documents print, and that may be kept.
const DOCUMENTED: &[&str] = &[
    "love flow",
    "success",
    "发送成功",
    "发送失败",
    "固话",
    "手机",
    "ok",
    "暂无匹配的公众号！",
    "学校",
    "药店",
    "餐饮",
    "影院",
    "商场",
    "超市",
    "医疗机构",
    "母婴店",
    "其他",
    "北京市",
    "天津市",
    "石家庄市",
    "唐山市",
];

/// An inputs' file for all scenarios that a live vendor can play.
async fn inputs(sandbox: &Sandbox, project: &Project) -> String {
    fs::write(project.path().join("secret"), format!("{}\n", sandbox.secret())).unwrap();
    let (first, second) = (code(sandbox).await, code(sandbox).await);
    format!(
        r#"
[weiting]
base_url = "{base}"
appid = "{appid}"
secret_file = "secret"
[weiting.scenarios]
authorize_url = {{ state = "https://partner.example/back?device=7" }}
authorize_url_json = {{ state = "https://partner.example/back?device=8#top" }}
openid_by_code = {{ code = "{first}" }}
openid_by_code_json = {{ code = "{second}" }}
bound_user = {{ user_path = "{user_path}", openid = "{openid}" }}
prize_notice = {{ openid = "{openid}", first = "您好", activity = "老司机大比拼", prize = "玩偶", remark = "获奖者：17717500243", url = "https://partner.example/prize" }}
prize_notice_json = {{ openid = "nobody-knows", first = "您好", activity = "老司机大比拼", prize = "玩偶", remark = "获奖者：17717500243", url = "not a URL" }}
login_report = {{ openid = "{openid}", deviceno = "18900000000" }}
login_report_with_options = {{ openid = "{openid}", deviceno = "021-62306600", operators = "中国电信", qcellcore = "上海" }}
order_report = {{ openid = "{openid}", deviceno = "18900000000", traffic_package_name = "1G包" }}
order_report_with_date = {{ openid = "{openid}", deviceno = "18900000000", traffic_package_name = "1G包", transaction_date = "2019-05-07" }}
mobile_by_ticket = {{ ticket = "{ticket}" }}

[fensi]
base_url = "{base}"
develop_appid = "{develop_appid}"
key = "{key}"
[fensi.scenarios]
scenes = {{}}
scenes_form = {{}}
scenes_get = {{}}
cities = {{}}
cities_form = {{}}
cities_get = {{}}
qrcode = {{ auth_open_id = "oleiaYv6i50I7ADTlmIGN4WO", nickname = "追梦小窝", sex = 2, ip = "183.13.188.125" }}
qrcode_form = {{ auth_open_id = "oleiaYv6i50I7ADTlmIGN4WO", nickname = "6688", sex = 0, ip = "202.106.0.20" }}
qrcode_get = {{ auth_open_id = "oleiaYv6i50I7ADTlmIGN4WO", nickname = "追梦小窝", sex = 1, ip = "2408:8000::7" }}
qrcode_with_options = {{ auth_open_id = "oleiaYv6i50I7ADTlmIGN4WO", nickname = "追梦小窝", sex = 0, ip = "183.13.188.125", label = 6, state = "device-seven", city = "310000" }}
"#,
        base = sandbox.weiting_base_url(),
        appid = sandbox.appid(),
        user_path = sandbox.user_path(),
        openid = test_data::OPENID,
        ticket = test_data::TICKETS[0].0,
        develop_appid = sandbox.develop_appid(),
        key = sandbox.key(),
    )
}

/// Consents as a user; returns the code.
async fn code(sandbox: &Sandbox) -> String {
    let url = format!("{}/service/wxoauth/2.0/wxcode?state=https://partner.example/", sandbox.weiting_base_url());
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    let reply = ReqwestTransport::new().unwrap().send(request).await.unwrap();
    let location = reply.headers()["location"].to_str().unwrap();
    location.split_once("code=").unwrap().1.to_owned()
}

fn record(project: &Project, inputs: &str, environment: &[(&str, &str)]) -> std::process::Output {
    fs::write(project.path().join("live.toml"), inputs).unwrap();
    let environment = [&[("WEIFEN_RECORD_INPUTS", "live.toml")], environment].concat();
    project.record(&["--live"], &environment)
}

/// All texts and numbers within `value`.
fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => _ = found.insert(text.clone()),
        Value::Number(number) => _ = found.insert(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

#[tokio::test]
async fn no_value_that_passed_is_in_a_live_cassette_or_was_printed() {
    let (project, sandbox) = (Project::new(), Sandbox::start().await.unwrap());
    let inputs = inputs(&sandbox, &project).await;
    let output = record(&project, &inputs, &[("WEIFEN_FENSI_APP_SECRET", sandbox.app_secret())]);
    let told = printed(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("weiting order_report: answered, crates/weiting/cassettes/live/order_report.json"), "{told}");
    assert!(told.contains("weiting prize_notice_json: refused NoticeNotSent"), "{told}");
    assert!(told.contains("weiting cost: one access_token is fetched"), "{told}");

    let cassettes = project.cassettes();
    assert_eq!(cassettes.len(), 23, "{told}");
    let mut values = BTreeSet::from([sandbox.secret().to_owned(), sandbox.app_secret().to_owned()]);
    let mut tokens_fetched = 0;
    for entry in sandbox.log() {
        tokens_fetched += usize::from(entry.operation == Some("access_token"));
        if entry.operation != Some("consent") {
            collect(&Value::Object(entry.parameters), &mut values);
            collect(&entry.answer, &mut values);
        }
    }
    assert_eq!(tokens_fetched, 1);
    for code in ["200", "20000", "120"].iter().chain(DOCUMENTED) {
        values.remove(*code);
    }
    // Shorter values also occur in names and placeholders.
    values.retain(|value| value.chars().count() > 2 || !value.is_ascii());
    assert!(values.len() > 60, "{values:?}");
    for (place, text) in &cassettes {
        for value in &values {
            assert!(!text.contains(value.as_str()), "{value} is in {place}");
        }
    }
    for value in values.iter().filter(|value| !value.starts_with("http")) {
        assert!(!told.contains(value.as_str()), "{value} was printed: {told}");
    }
}

#[tokio::test]
async fn a_live_cassette_is_made_of_placeholders_that_decode() {
    let (project, sandbox) = (Project::new(), Sandbox::start().await.unwrap());
    let inputs = inputs(&sandbox, &project).await;
    assert!(record(&project, &inputs, &[("WEIFEN_FENSI_APP_SECRET", sandbox.app_secret())]).status.success());
    let cassette: Value = serde_json::from_str(&project.cassettes()["weiting/cassettes/live/bound_user.json"]).unwrap();
    assert_eq!(cassette["against"], "live");
    let reply = &cassette["exchanges"][0]["reply"]["body"]["json"];
    assert_eq!((&reply["flag"], &reply["result"]["openid"]), (&Value::from(0), &cassette["inputs"]["openid"]));
    assert_eq!(reply["result"]["accounts"][0]["bindtime"], "2001-01-01 00:00:00");
    let mobile = reply["result"]["accounts"][2]["deviceno"].as_str().unwrap();
    assert!(mobile.len() == 11 && mobile.starts_with("1000000000"), "{mobile}");
    let qrcode: Value =
        serde_json::from_str(&project.cassettes()["fensi/cassettes/live/qrcode_with_options.json"]).unwrap();
    let sent = &qrcode["exchanges"][0]["request"]["body"]["json"];
    assert_eq!(sent["timestamp"], qrcode["inputs"]["timestamp"]);
    assert_eq!((&sent["sex"], &sent["label"]), (&Value::from(0), &Value::from(1)));
    assert_ne!(qrcode["exchanges"][0]["reply"]["body"]["json"]["data"]["code"], "6688");
}

#[test]
fn without_inputs_it_says_what_to_set() {
    let project = Project::new();
    let told = printed(&project.record(&["--live"], &[]));
    assert!(told.contains("--live has no inputs: set WEIFEN_RECORD_INPUTS to a TOML file"), "{told}");
    assert!(told.contains("WEIFEN_WEITING_SECRET"), "{told}");
}

#[tokio::test]
async fn wrong_inputs_are_refused_before_anything_is_sent() {
    let (project, sandbox) = (Project::new(), Sandbox::start().await.unwrap());
    let weiting = format!("[weiting]\nbase_url = \"{}\"\nappid = \"a\"\n", sandbox.weiting_base_url());
    let none: &[(&str, &str)] = &[];
    let secret = &[("WEIFEN_WEITING_SECRET", "canary-secret")][..];
    let cases = [
        ("", none, "nothing to record"),
        (
            "[weiting.scenarios.login_report]\nopenid = \"o\"",
            &[],
            "no secret: set secret_file, or WEIFEN_WEITING_SECRET",
        ),
        ("secret_file = \"gone\"", none, "secret_file: cannot read gone"),
        ("[weiting.scenarios.no_such]", secret, "there is no such scenario for a live vendor; there are access_token"),
        ("[weiting.scenarios.token_rejected_once]", secret, "there is no such scenario for a live vendor"),
        ("[weiting.scenarios.login_report]\nopenid = \"canary\"", secret, "deviceno of login_report is missing"),
        (
            "[weiting.scenarios.login_report]\nopenid = 7\ndeviceno = \"1\"",
            secret,
            "openid of login_report must be a string",
        ),
        (
            "[weiting.scenarios.login_report]\ncolour = 7",
            secret,
            "login_report takes no colour; it takes openid, deviceno",
        ),
        ("scenarios = \"canary\"", secret, "line 4: this is no TOML, or of another type than expected"),
        ("colour = 7", secret, "line 4: unknown field `colour`"),
    ];
    for (rest, environment, expected) in cases {
        let inputs = if rest.is_empty() { String::new() } else { format!("{weiting}{rest}\n") };
        let output = record(&project, &inputs, environment);
        let told = printed(&output);
        assert!(!output.status.success() && told.contains(expected), "{expected} is not in {told}");
        assert!(!told.contains("canary"), "{told}");
    }
    let in_clear = record(&project, "[weiting]\nbase_url = \"http://m.sh.189.cn\"\nappid = \"a\"\n", secret);
    assert!(printed(&in_clear).contains("plain http"));
    assert!(sandbox.log().is_empty());
    assert!(project.cassettes().is_empty());
}

#[tokio::test]
async fn a_vendor_that_gives_no_token_or_no_reply_is_told_and_leaves_nothing_half_made() {
    let (project, sandbox) = (Project::new(), Sandbox::start().await.unwrap());
    let inputs = |base: &str| {
        format!(
            "[weiting]\nbase_url = \"{base}\"\nappid = \"a\"\n[weiting.scenarios.login_report]\n\
             openid = \"o\"\ndeviceno = \"18900000000\"\n"
        )
    };
    let secret = [("WEIFEN_WEITING_SECRET", "canary-secret")];
    let refused = record(&project, &inputs(&sandbox.weiting_base_url()), &secret);
    assert!(!refused.status.success());
    assert!(printed(&refused).contains("weiting access_token: refused TokenNotIssued"), "{}", printed(&refused));
    assert_eq!(project.cassettes().keys().collect::<Vec<_>>(), ["weiting/cassettes/live/access_token.json"]);

    let base = sandbox.weiting_base_url();
    sandbox.stop().await;
    let project = Project::new();
    let unreachable = record(&project, &inputs(&base), &secret);
    assert!(!unreachable.status.success());
    let told = printed(&unreachable);
    assert!(told.contains("weiting access_token: failed"), "{told}");
    assert!(project.cassettes().is_empty() && !told.contains("canary"), "{told}");
}
