//! 中奖结果通知模板接口 · POST /service/1.0/sendPrizeNotice

use std::fmt;

use serde::Deserialize;

use super::Openid;
use super::envelope::{self, Done};
use crate::{
    Access, Encoding, Endpoint, Field, NoAnswer, Operation, Parameters, Path, RefusalKind, Repeat, Shape, Vendor,
};

/// Sends a user the template message that tells of a prize.
#[derive(Clone, PartialEq, Eq)]
pub struct PrizeNotice {
    openid: Openid,
    first: String,
    activity: String,
    prize: String,
    remark: String,
    url: String,
}

impl PrizeNotice {
    /// Tells `openid` of `prize` won in `activity`. `first` opens the message, `remark` closes it, `url` is where a
    /// tap on it leads. Each of the texts may be empty: no refusal of an empty one is documented.
    pub fn new(
        openid: Openid,
        first: impl Into<String>,
        activity: impl Into<String>,
        prize: impl Into<String>,
        remark: impl Into<String>,
        url: impl Into<String>,
    ) -> Self {
        Self {
            openid,
            first: first.into(),
            activity: activity.into(),
            prize: prize.into(),
            remark: remark.into(),
            url: url.into(),
        }
    }
}

impl fmt::Debug for PrizeNotice {
    /// Free texts stay out: the vendor's own example puts a phone number into `remark`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrizeNotice").field("openid", &self.openid).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "status")]
    _status: Done,
}

impl Endpoint for PrizeNotice {
    type Answer = ();

    const OPERATION: Operation = Operation {
        vendor: Vendor::Weiting,
        name: "prize_notice",
        title: "中奖结果通知模板接口",
        path: Path::Fixed("/service/1.0/sendPrizeNotice"),
        encoding: Encoding::Form,
        encoding_selectable: true,
        access: Access::Token,
        repeat: Repeat::Write,
    };

    const DOCUMENTED: Shape = Shape::Object(&[Field::integer("status"), Field::text("result")]);

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new()
            .text("openid", self.openid.as_str())
            .text("first", &self.first)
            .text("activity", &self.activity)
            .text("prize", &self.prize)
            .text("remark", &self.remark)
            .text("url", &self.url)
    }

    fn answer(body: &[u8]) -> Result<(), NoAnswer> {
        let documented =
            [(0, "发送失败", RefusalKind::NoticeNotSent), (40005, "推送接口异常", RefusalKind::NoticeServiceFault)];
        let _: Reply = envelope::read(body, &Self::OPERATION, &documented, RefusalKind::Unexplained)?;
        Ok(())
    }
}
