//! `weifen weiting openid` · 获取openid

use weifen::proto::Vendor;
use weifen::weiting::{Code, OpenidByCodeRequest};

use crate::arguments::OpenidArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, plain};
use crate::stdin::Stdin;
use crate::url_argument;

pub(crate) async fn run(arguments: OpenidArguments, clients: &Clients) -> Result<Report, Failure> {
    let request = request(arguments, &mut clients.stdin(Vendor::Weiting))?;
    let openid = clients.weiting()?.openid_by_code(&request).await?;
    let people = plain(openid.as_str()).into_owned();
    Report::of("openid", &openid, people)
}

fn request(arguments: OpenidArguments, stdin: &mut Stdin) -> Result<OpenidByCodeRequest, Failure> {
    let request = match (arguments.code, arguments.callback) {
        (Some(code), _) => Code::new(stdin.value("--code", code)?).map(OpenidByCodeRequest::new),
        (None, Some(url)) => {
            let url = url_argument::without_password("--callback", url)?;
            OpenidByCodeRequest::from_callback(&stdin.value("--callback", url)?)
        }
        (None, None) => return Err(Failure::usage("missing: --code or --callback")),
    };
    request.map_err(Failure::invalid::<OpenidByCodeRequest>)
}
