//! Those who may use the API: tables that stand in the file alone.

use weifen::config::Scope;

use super::*;

const KEY: &str = "canary7Qz-0123456789abcdef0123456789";

fn callers(tables: &str) -> Sources {
    toml(&format!("[api]\nlisten = '127.0.0.1:0'\n{tables}"))
}

#[test]
fn each_table_is_a_caller() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one"), format!("{KEY}\n")).unwrap();
    fs::write(folder.path().join("two"), format!("{KEY}1\n{KEY}2\n")).unwrap();
    let text = "[api]\n[[api.callers]]\nname = 'shop'\nkey_file = 'one'\nscopes = ['inbox:read', 'token']\nrate = 50\n\
                [[api.callers]]\nname = 'till-2'\nkey_file = 'two'\n";
    let config = Sources::new().toml(folder.path().join("weifen.toml"), text).load().unwrap();
    let [shop, till] = config.api.callers().unwrap() else { panic!("two callers") };
    assert_eq!((&*shop.name, &*shop.scopes, shop.rate), ("shop", &[Scope::InboxRead, Scope::Token][..], Some(50)));
    assert_eq!((&*till.name, &*till.scopes, till.rate), ("till-2", &[][..], None));
    assert_eq!((shop.keys().unwrap().len(), till.keys().unwrap().len()), (1, 2));
    assert_eq!(shop.keys().unwrap()[0].expose_secret(), KEY);
    assert!(!format!("{config:?}").contains(CANARY));
}

#[test]
fn a_table_that_is_wrong_is_refused_at_its_line() {
    let shop = "[[api.callers]]\nname = 'shop'\nkey_file = 'k'\n";
    let wrong = [
        callers("[[api.callers]]\nkey_file = 'k'"),
        callers("[[api.callers]]\nname = 'shop'"),
        callers("[[api.callers]]\nname = 'a shop'\nkey_file = 'k'"),
        callers(&format!("{shop}scopes = ['weiting', 'all']")),
        callers(&format!("{shop}scopes = 'weiting'")),
        callers(&format!("{shop}rate = 0")),
        callers(&format!("{shop}rate = '5'")),
        callers(&format!("{shop}scope = []")),
        callers(&format!("{shop}{shop}")),
        callers("callers = 'shop'"),
        callers("callers = ['shop']"),
        callers("[api.callers]\nname = 'shop'"),
        callers("'callers.name' = 'shop'"),
        toml("[['api.callers']]\nname = 'shop'"),
        toml("[[callers]]\nname = 'shop'"),
        toml("[serve]\nrate = 1"),
        toml("[api]\norigins = ['https://shop.example/']"),
        toml("[api]\norigins = ['https://*.shop.example']"),
        Sources::new().environment([("WEIFEN_API_CALLERS_NAME", "shop")]),
        Sources::new().set("api.callers.name", "shop"),
    ];
    insta::assert_snapshot!(errors(wrong), @r"
    api.callers.name is not set; expected name in each [[api.callers]]
    api.callers.key_file is not set; expected key_file in each [[api.callers]]
    weifen.toml:4: api.callers.name: expected up to 64 letters, digits, - and _
    weifen.toml:6: api.callers.scopes: expected a list of some of weiting, fensi, token, inbox:read, inbox:write, bookings, deliveries, calls
    weifen.toml:6: api.callers.scopes: expected a list of some of weiting, fensi, token, inbox:read, inbox:write, bookings, deliveries, calls
    weifen.toml:6: api.callers.rate: expected a whole number from 1 to 1000000
    weifen.toml:6: api.callers.rate: expected a whole number from 1 to 1000000
    weifen.toml:6: unknown key api.callers.scope; did you mean api.callers.scopes?
    weifen.toml:7: api.callers.name: expected a name that no other caller has
    weifen.toml:3: api.callers: expected a section, [[api.callers]]
    weifen.toml:3: api.callers: expected a section, [[api.callers]]
    weifen.toml:3: api.callers: expected a section, [[api.callers]]
    weifen.toml:3: unknown key api.callers.name; expected it in [[api.callers]] of the configuration file
    weifen.toml:1: unknown section [api.callers]; expected one of [weiting], [fensi], [http], [serve], [api], [api.idempotency], [[api.callers]]
    weifen.toml:1: unknown section [callers]; did you mean [[api.callers]]?
    weifen.toml:2: unknown key serve.rate; did you mean serve.quarantine_rate?
    weifen.toml:2: api.origins: expected a list of origins, such as https://shop.example
    weifen.toml:2: api.origins: expected a list of origins, such as https://shop.example
    WEIFEN_API_CALLERS_NAME: unknown key api.callers_name; expected one of WEIFEN_API_LISTEN, WEIFEN_API_ORIGINS, WEIFEN_API_MAX_WAITERS
    given by the program: unknown key api.callers.name; expected it in [[api.callers]] of the configuration file
    ");
}

#[test]
fn an_api_without_callers_is_refused_when_it_is_to_be_used() {
    let error = callers("").load().unwrap().api.callers().unwrap_err();
    assert_eq!(error.to_string(), "weifen.toml:2: api.listen: expected at least one [[api.callers]] as well");
    assert!(toml("").load().unwrap().api.callers().unwrap().is_empty());
}

#[test]
fn a_key_that_can_be_guessed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let read = |content: &str| {
        fs::write(folder.path().join("k"), content).unwrap();
        let text = "[[api.callers]]\nname = 'shop'\nkey_file = 'k'\n";
        let config = Sources::new().toml(folder.path().join("weifen.toml"), text).load().unwrap();
        let error = config.api.callers().unwrap()[0].keys().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(CANARY));
        error.expected()
    };
    let strong = "32 or more visible ASCII characters in line";
    assert_eq!(read(&KEY[..31]), format!("{strong} 1"));
    assert_eq!(read(&format!("{KEY}\nshort")), format!("{strong} 2"));
    assert_eq!(read(&format!("{KEY} ")), format!("{strong} 1"));
    assert_eq!(read(&format!("{KEY}密")), format!("{strong} 1"));
    assert_eq!(read(&format!("{KEY}\n{KEY}\n{KEY}")), "at most two keys, one a line");
    assert_eq!(read(""), "a secret, but it is empty");
}

#[test]
fn the_programs_only_caller_takes_the_place_of_all_others() {
    let text = "[[api.callers]]\nname = 'shop'\nkey_file = 'k'\n";
    let config = toml(text).only_caller("first-look", "/nonexistent/key").load().unwrap();
    let [caller] = config.api.callers().unwrap() else { panic!("one caller") };
    assert_eq!((&*caller.name, caller.scopes.len(), caller.rate), ("first-look", 8, None));
    let error = caller.keys().unwrap_err().to_string();
    assert_eq!(error, "given by the program: api.callers.key_file: /nonexistent/key does not exist");
}

#[test]
fn only_one_secret_reads_stdin() {
    let text = "[weiting]\nsecret_file = '-'\n[[api.callers]]\nname = 'shop'\nkey_file = '-'\n";
    let error = error(toml(text));
    assert!(matches!(error, ConfigError::StdinTwice { key: "api.callers.key_file", .. }), "{error:?}");
}

#[test]
fn a_caller_that_is_wrong_is_left_out_of_what_is_examined() {
    let text =
        "[http]\ntimeout_s = 5\n[[api.callers]]\nname = 'a shop'\n[[api.callers]]\nname = 'till'\nkey_file = 'k'\n";
    let examined = toml(text).examine();
    assert_eq!(examined.faults.len(), 1, "{:?}", examined.faults);
    assert!(examined.config.api.callers().unwrap().is_empty());
    assert_eq!(examined.config.http.timeout.as_secs(), 5);
}

#[test]
fn a_section_inside_another_is_read_as_a_table_and_misspelt_keys_are_named() {
    let config = toml("[api.idempotency]\nkeep_h = 2\n").load();
    assert_eq!(config.unwrap().api.keep_answers, std::time::Duration::from_secs(7200));
    for (wrong, told) in [
        ("[api.idempotency]\nkeep = 2\n", "unknown key api.idempotency.keep; did you mean api.idempotency.keep_h?"),
        ("[[api.idempotency]]\nkeep_h = 2\n", "api.idempotency: expected a section, [api.idempotency]"),
        ("[api]\nidempotency = 2\n", "api.idempotency: expected a section, [api.idempotency]"),
        ("[api.idempotency]\nkeep_h = 0\n", "api.idempotency.keep_h: expected"),
    ] {
        let error = toml(wrong).load().unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}
