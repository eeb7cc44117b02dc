//! `weifen config`: the pages that come from the table of keys, and the check.

use serde_json::Value;

use crate::support::Program;

fn printed(page: &str) -> String {
    let ended = Program::new(&["config", page]).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    ended.stdout
}

#[test]
fn the_example_passes_its_own_check_as_it_stands_and_with_every_key_set() {
    let example = printed("example");
    let check = |text: String| Program::new(&["config", "check", "--json"]).stdin(text).run().done();
    assert_eq!(check(example.clone())["file"], "stdin");
    let set: String = example
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            // A caller has no default for these.
            Some("name = \"\"" | "key_file = \"\"") => line.replace("# ", "").replace("\"\"", "\"shop\"") + "\n",
            Some(key) if key.contains(" = ") || key.starts_with("[[") => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_eq!(check(set)["ok"], true);
}

#[test]
fn the_check_names_all_mistakes_of_the_file_at_once() {
    let check = Program::new(&["config", "check"]).file("weifen.toml", "[http]\ntimeout_s = 0\nproxi = ''\n").run();
    assert_eq!(check.code, 3);
    for part in ["weifen.toml:2: http.timeout_s: expected a whole number from 1 to 3600", "did you mean http.proxy?"] {
        assert!(check.stderr.contains(part), "{}", check.stderr);
    }
}

#[test]
fn what_is_piped_in_is_checked_in_the_place_of_the_file() {
    let check = Program::new(&["config", "check", "--json"]).file("weifen.toml", "").stdin("[serve]\nkyes = []\n");
    let message = check.run().error(3)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("stdin:2") && message.contains("serve.keys"), "{message}");
}

#[test]
fn the_schema_knows_every_key_and_no_other() {
    let schema: Value = serde_json::from_str(&printed("schema")).unwrap();
    let serve = &schema["properties"]["serve"];
    assert_eq!(serve["additionalProperties"], false);
    assert_eq!(serve["properties"]["unsolicited"]["default"], "hold");
    let caller = &schema["properties"]["api"]["properties"]["callers"]["items"];
    assert_eq!(caller["additionalProperties"], false);
    assert_eq!(caller["properties"].as_object().unwrap().len(), 4);
    let keys = schema["properties"].as_object().unwrap().iter().flat_map(|(section, table)| {
        table["properties"].as_object().unwrap().keys().map(move |key| format!("{section}.{key}"))
    });
    let mut keys: Vec<_> = keys.filter(|key| key != "api.callers").collect();
    let doctor = Program::new(&["doctor", "--json"]).run();
    let doctor: Value = serde_json::from_str(&doctor.stdout).unwrap();
    let mut known: Vec<_> =
        doctor["configuration"].as_array().unwrap().iter().map(|key| key["key"].as_str().unwrap()).collect();
    keys.sort_unstable();
    known.sort_unstable();
    assert_eq!(keys, known);
}

#[test]
fn the_page_of_all_keys_is_in_the_language_of_the_flag_or_the_locale() {
    let page = |program: Program| program.run().stdout.lines().next().unwrap_or_default().to_owned();
    let program = |flags: &[&str]| Program::new(&[&["config", "reference"], flags].concat());
    assert_eq!(page(program(&[])), "# Configuration");
    assert_eq!(page(program(&["--lang", "zh"])), "# 配置");
    assert_eq!(page(program(&[]).env("LANG", "zh_CN.UTF-8")), "# 配置");
    assert_eq!(page(program(&["--lang", "en"]).env("LANG", "zh_CN.UTF-8")), "# Configuration");
}

#[test]
fn a_document_for_programs_is_never_in_chinese() {
    let document = Program::new(&["config", "reference", "--lang", "zh", "--json"]).run().done();
    assert!(document["reference"].as_str().unwrap().starts_with("# Configuration"), "{document}");
}
