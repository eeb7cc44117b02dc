//! APP快速入口 · GET /service/appOauthen/Ticket

use serde::Deserialize;

use super::envelope::{self, Zero};
use super::{Mobile, Ticket};
use crate::{
    Access, Encoding, Endpoint, Field, NoAnswer, Operation, Parameters, Path, RefusalKind, Repeat, Shape, Vendor,
    decode,
};

/// Trades the ticket with which 微厅's app opened a page for the user's mobile number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MobileByTicket {
    ticket: Ticket,
}

impl MobileByTicket {
    /// The user who came with `ticket`.
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

impl Endpoint for MobileByTicket {
    type Answer = Mobile;

    const OPERATION: Operation = Operation {
        vendor: Vendor::Weiting,
        name: "mobile_by_ticket",
        title: "APP快速入口",
        path: Path::Fixed("/service/appOauthen/Ticket"),
        encoding: Encoding::Query,
        encoding_selectable: false,
        access: Access::Token,
        repeat: Repeat::Once,
    };

    const DOCUMENTED: Shape =
        Shape::Object(&[Field::integer("errcode"), Field::new("data", Shape::Object(&[Field::text("mobile")]))]);

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new().text("ticket", self.ticket.as_str())
    }

    fn answer(body: &[u8]) -> Result<Mobile, NoAnswer> {
        let documented =
            [(1, "ticket必须给出", RefusalKind::TicketMissing), (1, "手机号码获取异常", RefusalKind::TicketUnknown)];
        let reply: Reply = envelope::read(body, &Self::OPERATION, &documented, RefusalKind::Unexplained)?;
        Ok(reply.data.mobile)
    }
}
