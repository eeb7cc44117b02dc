//! `weifen fensi push` · 消息推送: parses a received push. It proves nothing: a push carries no signature.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use weifen::config::{Sources, written_path};
use weifen::fensi::Push;
use weifen::proto::Vendor;
use weifen::transport::BodyFault;

use crate::arguments::{Globals, PushArguments};
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, pairs};

use super::qrcode::in_yuan;

/// Cap on a push, in bytes. A push has a few hundred.
const CAP: usize = 1 << 20;

pub(crate) fn run(arguments: &PushArguments, globals: &Globals) -> Result<Report, Failure> {
    // No configuration is needed; a wrong flag is an error all the same.
    Clients::from(Sources::new(), globals)?;
    let body = read(&arguments.file)?;
    let push = Push::parse(&body).map_err(|error| Failure::undecodable(Vendor::Fensi, "push", &error))?;
    let people = pairs(facts(&push));
    Report::of("push", &push, people)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let body = if path == Path::new("-") {
        up_to_cap(io::stdin())
    } else {
        let path = written_path(path, env::var_os("HOME").as_deref())
            .map_err(|fault| Failure::usage(format!("--file: expected {fault}")))?;
        File::open(path).and_then(up_to_cap)
    };
    let body = body.map_err(|error| Failure::file(&path.to_string_lossy(), &error))?;
    if body.len() > CAP {
        let fault = io::Error::other(BodyFault::TooLarge { cap: CAP }.to_string());
        return Err(Failure::undecodable(Vendor::Fensi, "push", &fault));
    }
    Ok(body)
}

fn up_to_cap(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    reader.take(CAP as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}

/// The fields of a push, for people.
pub(crate) fn facts(push: &Push) -> impl Iterator<Item = (&'static str, String)> {
    let optional = [
        ("account name", push.appname.clone()),
        ("openid", push.openid.clone()),
        ("nickname", Some(push.nickname.clone())),
        ("state", push.state.clone()),
        ("server_url", push.server_url.clone()),
    ];
    let known = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let needed = [
        ("user", push.auth_open_id.to_string()),
        ("account", push.appid.clone()),
        ("bid", in_yuan(push.bid)),
        ("key", push.key.clone()),
        ("develop_appid", push.develop_appid.clone()),
    ];
    needed.into_iter().chain(known)
}
