//! APP快速入口 · GET /service/appOauthen/Ticket

use serde::Deserialize;

use super::envelope::{self, Zero};
use super::{Mobile, Ticket};
use crate::{
    Encoding, Endpoint, Field, KnownRefusal, NoAnswer, Operation, Parameters, Path, RefusalKind, Repeat, Shape, Vendor,
    decode,
};

/// Request that exchanges the ticket of a page opened by 微厅's app for the user's mobile number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MobileByTicketRequest {
    ticket: Ticket,
}

impl MobileByTicketRequest {
    /// Creates a request for the user of `ticket`.
    pub fn new(ticket: Ticket) -> Self {
        Self { ticket }
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "errcode")]
    _errcode: Zero,
    #[serde(deserialize_with = "decode::object")]
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    mobile: Mobile,
}

impl Endpoint for MobileByTicketRequest {
    type Answer = Mobile;

    const OPERATION: Operation =
        Operation::new(Vendor::Weiting, "mobile_by_ticket", "APP快速入口", Path::Fixed("/service/appOauthen/Ticket"))
            .encoded(Encoding::Query)
            .repeat(Repeat::Once);

    const PARAMETERS: &'static [&'static str] = &["ticket"];

    const DOCUMENTED: Shape =
        Shape::Object(&[Field::integer("errcode"), Field::new("data", Shape::Object(&[Field::text("mobile")]))]);

    const REFUSALS: &'static [KnownRefusal] = &[
        KnownRefusal::new(1, "ticket必须给出", RefusalKind::TicketMissing),
        KnownRefusal::new(1, "手机号码获取异常", RefusalKind::TicketUnknown),
    ];

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new().text("ticket", self.ticket.as_str())
    }

    fn answer(body: &[u8]) -> Result<Mobile, NoAnswer> {
        let reply: Reply = envelope::read(body, &Self::OPERATION, Self::REFUSALS, RefusalKind::Unexplained)?;
        Ok(reply.data.mobile)
    }
}
