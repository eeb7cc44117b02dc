//! Requests, answers, refusals, and the errors of invalid answers.

use anyhow::{Context, Result};
use weifen::fensi::{CitiesRequest, Push, Qrcode, QrcodeRequest, ScenesRequest};
use weifen::proto::{Endpoint, Field, NoAnswer, Parameters};
use weifen::sign::Stamp;
use weifen::weiting::{
    AccessToken, AuthorizeUrlRequest, BoundUserRequest, Code, Mobile, MobileByTicketRequest, NoticeTexts,
    OpenidByCodeRequest, OrderReportRequest, Ticket,
};
use xtask_specimens::SPECIMENS;

use super::Shown;
use crate::calls;
use crate::canary::Secret;
use crate::capture::debugged;
use crate::vendor::{answer_of, refusal_of};

pub(super) fn requests(shown: &mut Shown) -> Result<()> {
    for specimen in SPECIMENS {
        let request = calls::request(specimen)?;
        shown.add(request.type_name(), debugged(&request));
        parameters(shown, &request.parameters());
        shown.value(&specimen.entry);
        specimen.entry.refusals.iter().for_each(|refusal| shown.value(refusal));
    }
    shown.value(&NoticeTexts { remark: Secret::Remark.value(), ..NoticeTexts::default() });
    shown.value(&calls::openid()?);
    shown.value(&calls::device_no()?);
    shown.value(&Secret::Code.value().parse::<Code>()?);
    let Err(refused) = format!("{} ", Secret::Code.value()).parse::<Code>() else { anyhow::bail!("it is no code") };
    shown.error(&refused);
    shown.value(&Secret::Ticket.value().parse::<Ticket>()?);
    shown.value(&Secret::Mobile.value().parse::<Mobile>()?);
    shown.value(&AccessToken::new(Secret::AccessToken.value())?);
    let stamp = Stamp::new(1, "a-nonce");
    shown.value(&stamp);
    let signed = stamp.sign(&Secret::AppSecret.value());
    shown.capture.signatures.push(signed.signature().to_owned());
    shown.value(&signed);
    Ok(())
}

fn parameters(shown: &mut Shown, parameters: &Parameters<'_>) {
    shown.value(parameters);
    for parameter in parameters.iter() {
        shown.value(parameter);
        shown.value(&parameter.value);
    }
}

/// Shows the vendors' answers, and the refusal that repeats what was sent.
pub(super) fn answers(shown: &mut Shown) -> Result<()> {
    let qrcode = answer_of("/open/commercial/get_qrcode").to_string();
    let qrcode: Qrcode = QrcodeRequest::answer(qrcode.as_bytes())?.context("no code")?;
    shown.value(&qrcode);
    shown.value(&qrcode.verification_code);
    shown.value(qrcode.verification_code.as_ref().context("no verification code")?);
    let mut odd = answer_of("/open/commercial/get_qrcode");
    odd["data"]["expire"] = Secret::VerificationCode.value().into();
    let odd = QrcodeRequest::answer(odd.to_string().as_bytes())?.context("no code")?;
    shown.value(&odd.expiry.context("no expiry")?);
    shown.value(&ScenesRequest::answer(answer_of("/open/commercial/get_scene").to_string().as_bytes())?[0]);
    shown.value(&CitiesRequest::answer(answer_of("/open/commercial/get_city").to_string().as_bytes())?[0]);
    let user = BoundUserRequest::answer(answer_of("/user").to_string().as_bytes())?;
    shown.value(&user);
    shown.value(&user.slots[0]);
    shown.value(user.accounts().next().context("no account")?);
    let redirect = answer_of("/service/wxoauth/2.0/getBaseUrl").to_string();
    shown.value(&AuthorizeUrlRequest::answer(redirect.as_bytes())?);
    shown.value(&OrderReportRequest::answer(answer_of("/service/flowOrders/create").to_string().as_bytes())?);
    shown.value(&Push::parse(calls::push("user").as_bytes())?);
    shown.value(&calls::qrcode()?.auth_open_id().clone());
    let words = format!("{} {}", Secret::Ticket.value(), Secret::Mobile.value());
    let refused =
        MobileByTicketRequest::answer(refusal_of("/service/appOauthen/Ticket", &words).to_string().as_bytes());
    let Err(NoAnswer::Refused(refusal)) = refused else { anyhow::bail!("it is not refused") };
    let refusal = refusal.hiding(vec![Secret::Ticket.value()]);
    shown.error(&refusal);
    shown.text(&refusal.printable_cap().context("nothing stands behind it")?);
    shown.error(&NoAnswer::Refused(refusal));
    let body = format!("{{\"status\": {0:?}, {0:?}: 1}}", Secret::Code.value());
    let Err(NoAnswer::Undecodable(undecodable)) = OpenidByCodeRequest::answer(body.as_bytes()) else {
        anyhow::bail!("it is taken")
    };
    shown.error(&undecodable);
    shown.text(&OpenidByCodeRequest::OPERATION);
    shown.value(&Field::text("openid"));
    shown.value(&OpenidByCodeRequest::DOCUMENTED);
    for drift in OpenidByCodeRequest::DOCUMENTED.drifts(body.as_bytes()) {
        shown.text(&drift);
        shown.text(&drift.kind);
    }
    Ok(())
}
