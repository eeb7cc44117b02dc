//! Every operation of both vendors, and all that a fault can hit.

use crate::{
    faults::subject::{PUSH, Subject},
    fensi::{qrcode, qrcode_image, scenes_and_cities},
    operation::Operation,
    weiting::{
        access_token, authorize_url, bound_user, consent, login_report, mobile_by_ticket, openid_by_code, order_report,
        prize_notice,
    },
};

pub(crate) static OPERATIONS: &[&Operation] = &[
    &access_token::OPERATION,
    &authorize_url::OPERATION,
    &consent::PAGE,
    &consent::GIVEN,
    &openid_by_code::OPERATION,
    &bound_user::OPERATION,
    &prize_notice::OPERATION,
    &login_report::OPERATION,
    &order_report::OPERATION,
    &mobile_by_ticket::OPERATION,
    &qrcode::OPERATION,
    &scenes_and_cities::SCENES,
    &scenes_and_cities::CITIES,
    &qrcode_image::OPERATION,
];

/// Every operation, and the push.
pub(crate) fn subjects() -> impl Iterator<Item = Subject> {
    OPERATIONS.iter().map(|operation| operation.subject).chain([PUSH])
}
