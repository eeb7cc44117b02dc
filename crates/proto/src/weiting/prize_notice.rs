//! 中奖结果通知模板接口 · POST /service/1.0/sendPrizeNotice

use std::fmt;

use serde::Deserialize;

use super::Openid;
use super::envelope::{self, Done};
use crate::{
    Encoding, Endpoint, Field, KnownRefusal, NoAnswer, Operation, Parameters, Path, RefusalKind, Shape, Vendor,
};

/// Template message that tells a user of a prize.
#[derive(Clone, PartialEq, Eq)]
pub struct PrizeNoticeRequest {
    openid: Openid,
    texts: NoticeTexts,
}

/// Texts of a prize notice. Each may be empty: no refusal of an empty one is documented.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct NoticeTexts {
    /// Opening words of the message.
    pub first: String,
    /// Activity in which the prize was won.
    pub activity: String,
    /// The prize.
    pub prize: String,
    /// Closing words of the message.
    pub remark: String,
    /// URL that a tap on the message opens.
    pub url: String,
}

impl PrizeNoticeRequest {
    /// Creates the notice with these texts for `openid`.
    pub fn new(openid: Openid, texts: NoticeTexts) -> Self {
        Self { openid, texts }
    }
}

impl fmt::Debug for PrizeNoticeRequest {
    /// Leaves out free texts: the vendor's own example puts a phone number into `remark`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrizeNoticeRequest").field("openid", &self.openid).finish_non_exhaustive()
    }
}

impl fmt::Debug for NoticeTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoticeTexts").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "status")]
    _status: Done,
}

impl Endpoint for PrizeNoticeRequest {
    type Answer = ();

    const OPERATION: Operation = Operation::new(
        Vendor::Weiting,
        "prize_notice",
        "中奖结果通知模板接口",
        Path::Fixed("/service/1.0/sendPrizeNotice"),
    )
    .encoded(Encoding::Form)
    .in_any_encoding();

    const PARAMETERS: &'static [&'static str] = &["openid", "first", "activity", "prize", "remark", "url"];

    const DOCUMENTED: Shape = Shape::Object(&[Field::integer("status"), Field::text("result")]);

    const REFUSALS: &'static [KnownRefusal] = &[
        KnownRefusal::new(0, "发送失败", RefusalKind::NoticeNotSent),
        KnownRefusal::new(40005, "推送接口异常", RefusalKind::NoticeServiceFault),
    ];

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new()
            .text("openid", self.openid.as_str())
            .text("first", &self.texts.first)
            .text("activity", &self.texts.activity)
            .text("prize", &self.texts.prize)
            .text("remark", &self.texts.remark)
            .text("url", &self.texts.url)
    }

    fn answer(body: &[u8]) -> Result<(), NoAnswer> {
        let _: Reply = envelope::read(body, &Self::OPERATION, Self::REFUSALS, RefusalKind::Unexplained)?;
        Ok(())
    }
}
