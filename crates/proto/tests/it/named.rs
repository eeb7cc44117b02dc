//! Names and messages for people: operations, amounts, numbers, and the faults of a text.

use weifen_proto::fensi::{CityId, Fen, SceneId, ScenesRequest};
use weifen_proto::weiting::OrderReportRequest;
use weifen_proto::{Endpoint, InvalidRequest};

#[test]
fn an_operation_is_named_with_its_vendor_and_its_title() {
    assert_eq!(OrderReportRequest::OPERATION.to_string(), "weiting order_report (爱流量回传订购业务)");
    assert_eq!(ScenesRequest::OPERATION.to_string(), "fensi scenes (获取所有场景)");
}

#[test]
fn amounts_have_their_unit_and_numbers_none() {
    assert_eq!(Fen(60).to_string(), "60 fen");
    assert_eq!((SceneId(7).to_string(), CityId(4).to_string()), ("7".to_owned(), "4".to_owned()));
}

#[test]
fn a_text_that_phps_trim_would_change_is_refused_and_no_other() {
    let checked = |text: &str| InvalidRequest::unless_trimmed("appid", text).map_err(|error| error.to_string());
    for untouched in ["wx 1", "\u{3000}wx1", "wx1\u{85}", "\u{a0}", "\u{c}wx1"] {
        assert_eq!(checked(untouched), Ok(()), "{untouched:?}");
    }
    assert_eq!(checked(""), Err("appid: must not be empty".to_owned()));
    for outer in [" ", "\t", "\n", "\r", "\0", "\u{b}"] {
        for text in [format!("{outer}wx1"), format!("wx1{outer}"), outer.to_owned()] {
            let told = checked(&text).unwrap_err();
            assert!(told.starts_with("appid: must not begin or end with white space"), "{text:?}: {told}");
        }
    }
}
