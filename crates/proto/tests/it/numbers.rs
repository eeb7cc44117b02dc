//! Every odd way of writing a number, in a code that decides, in a required number, in an optional one, and in a text.

use weifen_proto::Endpoint;
use weifen_proto::fensi::{Qrcode, QrcodeRequest, ScenesRequest};

use crate::fixtures::read;

/// Decodes the documented answer with `value`, as it is written, in place of a field.
fn with(field: &str, documented: &str, value: &str) -> Result<Qrcode, String> {
    let body = String::from_utf8(read("fensi/qrcode/answer.json")).unwrap();
    let (old, new) = (format!("\"{field}\": {documented}"), format!("\"{field}\": {value}"));
    assert!(body.contains(&old));
    QrcodeRequest::answer(body.replacen(&old, &new, 1).as_bytes()).map(Option::unwrap).map_err(|e| e.to_string())
}

/// Written value, then the result as the bid (required), the city (a number that decides nothing) and the nickname (a
/// text that decides nothing); `!` is an error, `-` is absent.
const TABLE: [(&str, &str, &str, &str); 24] = [
    ("0", "0", "0", "0"),
    ("3", "3", "3", "3"),
    ("\"0\"", "0", "0", "0"),
    ("\"3\"", "3", "3", "3"),
    ("\" 3 \"", "3", "3", " 3 "),
    ("\"+3\"", "3", "3", "+3"),
    ("\"007\"", "7", "7", "007"),
    ("-3", "!", "-", "-3"),
    // Beyond 2^53, where a float would round, an integer is exact.
    ("9007199254740993", "9007199254740993", "-", "9007199254740993"),
    ("\"9007199254740993\"", "9007199254740993", "-", "9007199254740993"),
    ("9223372036854775807", "9223372036854775807", "-", "9223372036854775807"),
    ("9223372036854775808", "!", "-", "9223372036854775808"),
    ("18446744073709551616", "!", "-", "-"),
    ("1e2", "!", "-", "-"),
    ("\"1e2\"", "!", "-", "1e2"),
    ("1.0", "!", "-", "-"),
    ("\"0x10\"", "!", "-", "0x10"),
    ("true", "!", "-", "-"),
    ("\"true\"", "!", "-", "true"),
    ("null", "!", "-", "-"),
    ("\"\"", "!", "-", "-"),
    ("[]", "!", "-", "-"),
    ("{}", "!", "-", "-"),
    ("[3]", "!", "-", "-"),
];

#[test]
fn each_way_of_writing_a_number_has_a_stated_result() {
    for (written, bid, city, nickname) in TABLE {
        let seen = with("bidding", "3", written).map_or("!".into(), |qrcode| qrcode.bid.0.to_string());
        assert_eq!(seen, bid, "bidding: {written}");
        let seen = with("city_code", "null", written)
            .map_or("!".into(), |qrcode| qrcode.city_code.map_or("-".into(), |city| city.0.to_string()));
        assert_eq!(seen, city, "city_code: {written}");
        let seen = with("nickname", "\"追梦小窝\"", written)
            .map_or("!".into(), |qrcode| qrcode.nickname.unwrap_or_else(|| "-".into()));
        assert_eq!(seen, nickname, "nickname: {written}");
    }
}

#[test]
fn a_number_that_is_none_is_an_error_that_names_its_place() {
    for (written, bid, ..) in TABLE {
        if bid == "!" {
            let told = with("bidding", "3", written).unwrap_err();
            let expected = told.strip_prefix("at data.bidding: expected ");
            assert!(matches!(expected, Some("an integer" | "an amount in fen")), "{written}: {told}");
        }
    }
}

#[test]
fn a_code_decides_only_as_an_integer() {
    for (written, decides) in [("20000", true), ("\"20000\"", true), ("20000.0", false), ("2e4", false)] {
        let body = format!("{{\"code\": {written}, \"data\": [], \"message\": \"ok\"}}");
        assert_eq!(ScenesRequest::answer(body.as_bytes()).is_ok(), decides, "{written}");
    }
    for written in ["true", "null", "\"\"", "[]", "{}", "[20000]", "\"ok\"", "200001", "20000000000000000000000"] {
        let body = format!("{{\"code\": {written}, \"data\": [], \"message\": \"ok\"}}");
        assert!(ScenesRequest::answer(body.as_bytes()).is_err(), "{written}");
    }
}
