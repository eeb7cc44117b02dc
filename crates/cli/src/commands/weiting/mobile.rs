//! `weifen weiting mobile` · APP快速入口

use weifen::proto::Vendor;
use weifen::weiting::{MobileByTicketRequest, Ticket};

use crate::arguments::MobileArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, plain};

pub(crate) async fn run(arguments: MobileArguments, clients: &Clients) -> Result<Report, Failure> {
    let ticket = clients.stdin(Vendor::Weiting).value("--ticket", arguments.ticket)?;
    let request =
        Ticket::new(ticket).map(MobileByTicketRequest::new).map_err(Failure::invalid::<MobileByTicketRequest>)?;
    let mobile = clients.weiting()?.mobile_by_ticket(&request).await?;
    let people = plain(mobile.as_str()).into_owned();
    Report::of("mobile", &mobile, people)
}
