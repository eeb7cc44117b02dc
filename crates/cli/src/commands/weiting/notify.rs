//! `weifen weiting notify` · 中奖结果通知模板接口

use weifen::proto::Vendor;
use weifen::weiting::{NoticeTexts, Openid, PrizeNoticeRequest};

use crate::arguments::NotifyArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::Report;
use crate::url_argument;

pub(crate) async fn run(mut arguments: NotifyArguments, clients: &Clients) -> Result<Report, Failure> {
    arguments.url = url_argument::without_password("--url", arguments.url)?;
    arguments.openid = clients.stdin(Vendor::Weiting).value("--openid", arguments.openid)?;
    let openid = Openid::new(arguments.openid).map_err(Failure::invalid::<PrizeNoticeRequest>)?;
    let NotifyArguments { first, activity, prize, remark, url, .. } = arguments;
    let notice = PrizeNoticeRequest::new(openid, NoticeTexts { first, activity, prize, remark, url });
    clients.weiting()?.prize_notice(&notice).await?;
    Report::of("ok", &true, "The notice was sent.")
}
