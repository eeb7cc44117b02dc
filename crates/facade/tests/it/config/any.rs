//! Random files and environments: each loads, or fails with an error that names place, key and expectation, but no
//! value.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A value as TOML writes it; its texts all hold the canary.
fn value() -> impl Strategy<Value = String> {
    let text = "[a-z:/@0-9.]{0,12}".prop_map(|text| format!("'{text}{CANARY}'"));
    let scalar = prop_oneof![
        4 => text,
        2 => any::<i64>().prop_map(|number| number.to_string()),
        1 => prop_oneof![Just("true"), Just("1.5"), Just("nan"), Just("2016-05-27"), Just("99999999999999999999")].prop_map(str::to_owned),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            inner.prop_map(|value| format!("{{a = {value}}}")),
        ]
    })
}

/// The name of a key, or sometimes an unknown name.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => (0..CASES.len()).prop_map(|at| CASES[at].key.to_owned()),
        1 => "(weiting|fensi|http|serve|htpp)\\.[a-z_]{1,9}",
    ]
}

/// Loads, or fails with a message that names place, key and expectation.
fn loads_or_says_why(sources: Sources) -> Result<(), TestCaseError> {
    let Err(error) = sources.load() else { return Ok(()) };
    let told = error.to_string();
    prop_assert!(!format!("{told} {error:?}").contains(CANARY), "{}", told);
    prop_assert!(told.starts_with("weifen.toml:") || told.starts_with("WEIFEN_"), "no place: {}", told);
    prop_assert!(
        ["weiting", "fensi", "http", "serve", "api", "valid TOML"].iter().any(|name| told.contains(name)),
        "no key: {}",
        told
    );
    prop_assert!(
        ["expected", "did you mean", "valid TOML"].iter().any(|words| told.contains(words)),
        "no help: {}",
        told
    );
    Ok(())
}

proptest! {
    #[test]
    fn any_file_of_known_and_unknown_keys_loads_or_says_why(entries in vec((key(), value()), 0..5)) {
        let mut file = String::new();
        for (key, value) in entries {
            writeln!(file, "{key} = {value}").unwrap();
        }
        loads_or_says_why(toml(&file))?;
    }

    #[test]
    fn any_environment_loads_or_says_why(entries in vec((key(), "\\PC{0,20}"), 0..5)) {
        let variables = entries.iter().map(|(key, value)| (variable(key), format!("{value}{CANARY}")));
        loads_or_says_why(Sources::new().environment(variables))?;
    }

    #[test]
    fn a_damaged_file_loads_or_says_why(at in 0..EXAMPLE.len(), length in 0..30_usize, with in "[\\[\\]{}\"'=.,#\n a-z0-9]{0,9}") {
        let end = (at + length).min(EXAMPLE.len());
        loads_or_says_why(toml(&format!("{}{with}{}", &EXAMPLE[..at], &EXAMPLE[end..])))?;
    }

    #[test]
    fn any_text_loads_or_says_why(file in "[\\PC\n]{0,60}") {
        let file = format!("{file}\nx = '{CANARY}");
        let error = toml(&file).load().unwrap_err();
        let told = error.to_string();
        prop_assert!(!told.contains(CANARY) && told.starts_with("weifen.toml:"), "{}", told);
        prop_assert!(error.line().is_some_and(|line| line <= file.lines().count()), "{}", told);
    }

    #[test]
    fn a_value_of_its_key_is_the_same_from_every_source(at in 0..CASES.len()) {
        let case = &CASES[at];
        let from_file = toml(&format!("{} = {}", case.key, case.toml)).load().unwrap();
        let from_environment = Sources::new().environment([(variable(case.key), case.text)]).load().unwrap();
        prop_assert_eq!((case.seen)(&from_file), (case.seen)(&from_environment));
    }
}
