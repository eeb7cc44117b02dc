//! Next steps for callers that were refused.

use weifen_proto::RefusalKind;

#[test]
fn each_kind_advises_what_its_cause_calls_for() {
    for (kind, told) in [
        (RefusalKind::TokenRejected, "token store"),
        (RefusalKind::TokenNotIssued, "appid and secret"),
        (RefusalKind::CodeExpired, "consent page again"),
        (RefusalKind::NoticeNotSent, "follows"),
        (RefusalKind::NoticeServiceFault, "again later"),
        (RefusalKind::ReportNotTaken, "vendor's message"),
        (RefusalKind::TicketMissing, "ticket"),
        (RefusalKind::TicketUnknown, "a new ticket"),
        (RefusalKind::ServiceFault, "again later"),
        (RefusalKind::NoMatch, "payment"),
        (RefusalKind::BalanceEmpty, "payment"),
        (RefusalKind::QrcodeNotMade, "again"),
        (RefusalKind::SecretRejected, "develop_appid and app_secret"),
        (RefusalKind::SignatureRejected, "app_secret"),
        (RefusalKind::NicknameMissing, "nickname"),
        (RefusalKind::IpMissing, "IP address"),
        (RefusalKind::IpMalformed, "IP address"),
        (RefusalKind::KeyMissing, "key"),
        (RefusalKind::AuthOpenIdMissing, "openid"),
        (RefusalKind::TimestampMissing, "proxy"),
        (RefusalKind::NonceMissing, "proxy"),
        (RefusalKind::SignatureMissing, "proxy"),
        (RefusalKind::DevelopAppidMissing, "proxy"),
        (RefusalKind::Unexplained, "ask the vendor"),
    ] {
        assert!(kind.advice().contains(told), "{kind:?}: {}", kind.advice());
    }
}
