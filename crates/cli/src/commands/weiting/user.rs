//! `weifen weiting user` · 通过OPENID获取微信绑定用户信息

use weifen::proto::Vendor;
use weifen::weiting::{Account, BoundUser, BoundUserRequest, Openid};

use crate::arguments::UserArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, pairs, table};

pub(crate) async fn run(arguments: UserArguments, clients: &Clients) -> Result<Report, Failure> {
    let openid = clients.stdin(Vendor::Weiting).value("--openid", arguments.openid)?;
    let request = Openid::new(openid).map(BoundUserRequest::new).map_err(Failure::invalid::<BoundUserRequest>)?;
    let user = clients.weiting()?.bound_user(&request).await?;
    let people = format!("{}\n\n{}", facts(&user), numbers(&user));
    Report::of("user", &user, people)
}

fn facts(user: &BoundUser) -> String {
    let optional = [
        ("nickname", user.nickname.clone()),
        ("changed", user.updated_at.map(|at| at.to_string())),
        ("made", user.created_at.map(|at| at.to_string())),
    ];
    let known = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
    pairs([("openid", user.openid.to_string())].into_iter().chain(known))
}

fn numbers(user: &BoundUser) -> String {
    match user.accounts().next() {
        None => "No number is bound.".to_owned(),
        Some(_) => table(["number", "device", "bound at"], user.accounts().map(row)),
    }
}

fn row(account: &Account) -> [String; 3] {
    let bound_at = account.bound_at.map(|at| format!("{} (Beijing)", at.strftime("%Y-%m-%d %H:%M:%S")));
    [
        account.device_no.as_str().to_owned(),
        account.device_name.clone().unwrap_or_default(),
        bound_at.unwrap_or_default(),
    ]
}
