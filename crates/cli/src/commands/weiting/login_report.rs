//! `weifen weiting login-report` · 爱流量回传登录状态

use weifen::proto::Vendor;
use weifen::weiting::{DeviceNo, InvalidRequest, LoginReportRequest, Openid};

use crate::arguments::LoginReportArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::Report;

pub(crate) async fn run(mut arguments: LoginReportArguments, clients: &Clients) -> Result<Report, Failure> {
    let mut stdin = clients.stdin(Vendor::Weiting);
    arguments.openid = stdin.value("--openid", arguments.openid)?;
    arguments.deviceno = stdin.value("--deviceno", arguments.deviceno)?;
    let request = request(arguments).map_err(Failure::invalid::<LoginReportRequest>)?;
    clients.weiting()?.login_report(&request).await?;
    Report::of("ok", &true, "The login was reported.")
}

fn request(given: LoginReportArguments) -> Result<LoginReportRequest, InvalidRequest> {
    let mut request = LoginReportRequest::new(Openid::new(given.openid)?, DeviceNo::new(given.deviceno)?);
    if let Some(operators) = given.operators {
        request = request.operators(operators);
    }
    if let Some(qcellcore) = given.qcellcore {
        request = request.qcellcore(qcellcore);
    }
    Ok(request)
}
