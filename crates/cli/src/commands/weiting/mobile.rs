//! `weifen weiting mobile` · APP快速入口

use serde::Serialize;
use weifen::proto::Vendor;
use weifen::weiting::{Mobile, MobileByTicketRequest, Ticket};

use crate::arguments::MobileArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, plain};

#[derive(Serialize)]
struct Document {
    mobile: Mobile,
}

pub(crate) async fn run(arguments: MobileArguments, clients: &Clients) -> Result<Report, Failure> {
    let ticket = clients.stdin(Vendor::Weiting).value("--ticket", arguments.ticket)?;
    let request =
        Ticket::new(ticket).map(MobileByTicketRequest::new).map_err(Failure::invalid::<MobileByTicketRequest>)?;
    let mobile = clients.weiting()?.mobile_by_ticket(&request).await?;
    let people = plain(mobile.as_str()).into_owned();
    Report::new(&Document { mobile }, people)
}
