//! An example of each operation, one file an operation: what its own file in weifen-proto can't know, for tests and
//! programs that try every operation.

mod call;
mod fensi;
mod specimen;
mod weiting;

pub use call::{Answer, Call, Sending, Vendors};
pub use specimen::{Effect, Specimen, Values};

/// Every operation, in the order of the catalogues.
pub static SPECIMENS: &[Specimen] = &[
    weiting::access_token::SPECIMEN,
    weiting::authorize_url::SPECIMEN,
    weiting::openid_by_code::SPECIMEN,
    weiting::bound_user::SPECIMEN,
    weiting::prize_notice::SPECIMEN,
    weiting::login_report::SPECIMEN,
    weiting::order_report::SPECIMEN,
    weiting::mobile_by_ticket::SPECIMEN,
    fensi::qrcode::SPECIMEN,
    fensi::scenes::SPECIMEN,
    fensi::cities::SPECIMEN,
];
