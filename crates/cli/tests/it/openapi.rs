//! `weifen openapi`: the document of the HTTP API.

use crate::support::Program;

#[test]
fn it_is_printed_in_both_versions_for_people_and_for_programs() {
    for (arguments, version) in
        [(&["openapi"][..], "3.1.0"), (&["openapi", "3.1"], "3.1.0"), (&["openapi", "3.0.3"], "3.0.3")]
    {
        let people = Program::new(arguments).run();
        assert_eq!((people.code, people.stderr.as_str()), (0, ""), "{people:?}");
        let people: serde_json::Value = serde_json::from_str(&people.stdout).unwrap();
        assert_eq!(people["openapi"], version);
        assert_eq!(Program::new(arguments).arg("--json").run().done(), people);
    }
}
