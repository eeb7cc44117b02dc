//! What people read in Chinese: doctor's report and hints, and nothing that programs read.

use crate::support::Program;

#[test]
fn doctor_reports_in_chinese() {
    let doctor = Program::new(&["doctor"]).trusting_nobody().env("LANG", "zh_CN.UTF-8").run();
    assert_eq!(doctor.code, 0, "{doctor:?}");
    for part in ["检查项", "怎么办", "无：没有 --config，没有 WEIFEN_CONFIG，没有 ./weifen.toml", "0 个问题，"]
    {
        assert!(doctor.stdout.contains(part), "{}", doctor.stdout);
    }
    assert!(!doctor.stdout.contains("WHAT TO DO") && !doctor.stdout.contains("fix that first"), "{}", doctor.stdout);
}

#[test]
fn a_hint_is_in_chinese_where_the_flag_or_the_locale_asks_for_it() {
    let program = |flags: &[&str]| Program::new(&[&["inbox", "show", "CANARY"], flags].concat());
    let hint = |program: Program| program.run().stderr.lines().nth(1).unwrap_or_default().to_owned();
    assert_eq!(hint(program(&[])), "hint: `weifen inbox list` shows the numbers");
    for flags in [&["--lang", "zh"][..], &["--lang=zh"]] {
        assert_eq!(hint(program(flags)), "提示：编号见 `weifen inbox list`");
    }
    assert_eq!(hint(program(&[]).env("LC_ALL", "zh_CN.UTF-8")), "提示：编号见 `weifen inbox list`");
    assert_eq!(hint(Program::new(&["--lang", "zh", "wieting"])), "提示：是不是想写 weiting？");
}

#[test]
fn programs_read_english_in_any_locale() {
    let error = Program::new(&["inbox", "show", "CANARY", "--json", "--lang", "zh"]).run().error(2);
    assert_eq!(error["hint"], "`weifen inbox list` shows the numbers");
    let doctor = Program::new(&["doctor", "--json"]).trusting_nobody().env("LANG", "zh_CN.UTF-8").run();
    assert!(!doctor.stdout.contains("没有"), "{}", doctor.stdout);
}
