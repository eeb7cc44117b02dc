//! `weifen sign`, against signatures that PHP made.

use serde_json::json;

use crate::support::Program;

const BY_PHP: [(&str, &str, &str, &str); 4] = [
    ("1557200022", "jbh12345", "s3cret", "e279a059bcf312bf533cf01d1805d7d0"),
    ("1557200022", "Zeta", "alpha", "7b7186ed4f8111493ae023986d0813fc"),
    ("9", "10", "1", "8f1d43620bc6bb580df6e80b0dc05c48"),
    ("1557200022", "jbh12345", "中文密钥", "6c150db09153565b051b10336faa2e23"),
];

#[test]
fn signatures_are_those_of_php_wherever_the_secret_comes_from() {
    for (timestamp, nonce, secret, signature) in BY_PHP {
        let sign = || Program::new(&["sign", "--json", "--timestamp", timestamp, "--nonce", nonce]);
        let number: u64 = timestamp.parse().unwrap();
        let expected = json!({"timestamp": number, "nonce": nonce, "signature": signature});
        assert_eq!(sign().env("WEIFEN_FENSI_APP_SECRET", secret).run().done(), expected);
        let by_stdin = sign().env("WEIFEN_FENSI_APP_SECRET_FILE", "-").stdin(format!("{secret}\n"));
        assert_eq!(by_stdin.run().done(), expected);
        let by_file = sign().file("weifen.toml", "[fensi]\napp_secret_file = 'secret'\n").file("secret", secret);
        assert_eq!(by_file.run().done(), expected);
    }
}

#[test]
fn without_a_secret_it_says_where_one_can_be_given() {
    let error = Program::new(&["sign", "--timestamp", "1", "--nonce", "n", "--json"]).run().error(3);
    assert!(error["message"].as_str().unwrap().contains("WEIFEN_FENSI_APP_SECRET"), "{error}");
}

#[test]
fn people_see_three_lines() {
    let program = Program::new(&["sign", "--timestamp", "9", "--nonce", "10"]).env("WEIFEN_FENSI_APP_SECRET", "1");
    let ended = program.run();
    assert_eq!(ended.stdout, "timestamp  9\nnonce      10\nsignature  8f1d43620bc6bb580df6e80b0dc05c48\n");
}
