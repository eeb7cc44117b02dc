//! Secrets: in files, inline, too many, too weak.

use super::*;

/// A configuration whose `key` names a file with this content.
fn with_file(key: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, content).unwrap();
    let sources = Sources::new().set(key, path.to_str().unwrap());
    (folder, sources.load().unwrap())
}

#[test]
fn one_trailing_newline_is_dropped_and_nothing_else() {
    for (content, secret) in
        [("s\n", "s"), ("s\r\n", "s"), ("s", "s"), ("s\n\n", "s\n"), (" s \n", " s "), ("s\r", "s\r")]
    {
        let (_folder, config) = with_file("weiting.secret_file", content);
        assert_eq!(revealed(config.weiting.secret()), secret, "{content:?}");
    }
}

#[test]
fn a_file_that_can_hold_no_secret_is_refused_by_name() {
    let mut messages = Vec::new();
    for content in [&b""[..], b"\n", b"\xff\xfe", "\u{feff}s".as_bytes(), &vec![b'a'; 70_000]] {
        let (folder, config) = with_file("fensi.app_secret_file", content);
        let error = config.fensi.app_secret().unwrap_err();
        assert_eq!(error.key(), Some("fensi.app_secret_file"));
        messages.push(error.to_string().replace(folder.path().to_str().unwrap(), ""));
    }
    let config = Sources::new().set("fensi.app_secret_file", "/").load().unwrap();
    messages.push(config.fensi.app_secret().unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n"), @r"
    given by the program: fensi.app_secret_file: /secret: expected a secret, but it is empty
    given by the program: fensi.app_secret_file: /secret: expected a secret, but it is empty
    given by the program: fensi.app_secret_file: /secret is not UTF-8 text
    given by the program: fensi.app_secret_file: /secret: expected no byte order mark before the secret
    given by the program: fensi.app_secret_file: /secret cannot be read: file too large
    given by the program: fensi.app_secret_file: / cannot be read: Is a directory (os error 21)
    ");
}

#[test]
fn a_missing_file_fails_only_who_asks_for_it() {
    let config = toml("\n\nweiting.secret_file = '/nonexistent'\nfensi.app_secret = 's'");
    let config = config.load().unwrap();
    assert_eq!(revealed(config.fensi.app_secret()), "s");
    let error = config.weiting.secret().unwrap_err();
    assert_eq!(error.file(), Some(Path::new("weifen.toml")));
    assert_eq!(error.line(), Some(3));
    insta::assert_snapshot!(error, @"weifen.toml:3: weiting.secret_file: /nonexistent does not exist");
}

#[test]
fn a_file_is_read_once() {
    let (folder, config) = with_file("weiting.secret_file", "first");
    let copy = config.clone();
    assert_eq!(revealed(config.weiting.secret()), "first");
    fs::write(folder.path().join("secret"), "second").unwrap();
    assert_eq!(revealed(config.weiting.secret()), "first");
    assert_eq!(revealed(copy.weiting.secret()), "first");
}

#[test]
fn a_higher_source_replaces_either_form_of_a_lower() {
    let as_text = || toml("weiting.secret = 'file'");
    let as_file = || toml("weiting.secret_file = '/nonexistent'");
    for lower in [as_text(), as_file()] {
        let config = lower.environment([("WEIFEN_WEITING_SECRET", "new")]);
        let config = config.load().unwrap();
        assert_eq!(revealed(config.weiting.secret()), "new");
        assert_eq!(config.origin("weiting.secret_file"), Some(&Origin::Default));
    }
    let config = as_text().environment([("WEIFEN_WEITING_SECRET_FILE", "-")]).stdin(io::Cursor::new("piped\n"));
    let config = config.load().unwrap();
    assert_eq!(revealed(config.weiting.secret()), "piped");
    assert_eq!(config.origin("weiting.secret"), Some(&Origin::Default));
    let config = as_text().environment([("WEIFEN_WEITING_SECRET_FILE", "")]).load().unwrap();
    assert_eq!(revealed(config.weiting.secret()), "file");
}

#[test]
fn both_forms_in_one_source_are_refused() {
    let in_file = toml("[weiting]\nsecret = 'a'\n\nsecret_file = 'b'\n");
    let in_environment =
        Sources::new().environment([("WEIFEN_FENSI_APP_SECRET", "a"), ("WEIFEN_FENSI_APP_SECRET_FILE", "b")]);
    let by_program = Sources::new().set("weiting.secret", "a").set("weiting.secret_file", "b");
    insta::assert_snapshot!(errors([in_file, in_environment, by_program]), @r"
    weifen.toml:2: weiting.secret and weiting.secret_file (weifen.toml:4) are both set; expected only one of them
    WEIFEN_FENSI_APP_SECRET: fensi.app_secret and fensi.app_secret_file (WEIFEN_FENSI_APP_SECRET_FILE) are both set; expected only one of them
    given by the program: weiting.secret and weiting.secret_file (given by the program) are both set; expected only one of them
    ");
    let one_is_empty = toml("[weiting]\nsecret = 'a'\nsecret_file = ''\n");
    assert_eq!(revealed(one_is_empty.load().unwrap().weiting.secret()), "a");
}

/// A reader that panics: stdin must not be read before it is needed.
struct Unread;

impl Read for Unread {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("stdin was read by who did not need it")
    }
}

#[test]
fn stdin_is_read_when_its_secret_is_asked_for_and_once() {
    let file = "weiting.secret_file = '-'\nfensi.app_secret = 's'";
    let config = toml(file).stdin(Unread).load().unwrap();
    assert_eq!(config.stdin_key(), Some("weiting.secret_file"));
    assert_eq!(revealed(config.fensi.app_secret()), "s");

    let config = toml(file).stdin(io::Cursor::new("piped\r\n")).load().unwrap();
    assert_eq!(revealed(config.weiting.secret()), "piped");
    assert_eq!(revealed(config.clone().weiting.secret()), "piped");

    let config = toml(file).stdin(io::empty()).load().unwrap();
    let error = config.weiting.secret().unwrap_err();
    insta::assert_snapshot!(error, @"weifen.toml:1: weiting.secret_file: stdin: expected a secret, but it is empty");
}

#[test]
fn only_one_key_may_read_stdin() {
    let twice = toml("[fensi]\napp_secret_file = '-'\n[serve]\npush_secret_file = '-'\n");
    let across = toml("weiting.secret_file = '-'").environment([("WEIFEN_SERVE_DELIVER_SECRET_FILE", "-")]);
    insta::assert_snapshot!(errors([twice, across]), @r#"
    weifen.toml:4: serve.push_secret_file = "-": fensi.app_secret_file (weifen.toml:2) reads stdin already; expected a file for one of them
    WEIFEN_SERVE_DELIVER_SECRET_FILE: serve.deliver_secret_file = "-": weiting.secret_file (weifen.toml:1) reads stdin already; expected a file for one of them
    "#);
    let replaced =
        toml("weiting.secret_file = '-'\nserve.push_secret_file = '-'").environment([("WEIFEN_WEITING_SECRET", "s")]);
    let stdin_key = replaced.load().unwrap().stdin_key();
    assert_eq!(stdin_key, Some("serve.push_secret_file"));
}

const BASE64URL: &str = "abcdefghijklmnopqrst-_";
const HEX: &str = "0123456789abcdef0123456789ABCDEF";

#[test]
fn push_secrets_are_one_or_two_lines() {
    for (content, count) in
        [(format!("{BASE64URL}\n"), 1), (HEX.to_owned(), 1), (format!("{HEX}\r\n{BASE64URL}\r\n"), 2)]
    {
        let (_folder, config) = with_file("serve.push_secret_file", content);
        let secrets = config.serve.push_secrets().unwrap();
        assert_eq!(secrets.len(), count);
        assert_eq!(secrets[count - 1].expose_secret().trim(), secrets[count - 1].expose_secret());
    }
}

#[test]
fn a_weak_push_secret_is_refused_without_being_shown() {
    let mut messages = Vec::new();
    for content in [
        BASE64URL[1..].to_owned(),
        HEX[1..].to_owned(),
        format!("{HEX}\n{BASE64URL}="),
        format!("{HEX}\n\n{BASE64URL}"),
        format!("{HEX}\n "),
        format!("{BASE64URL} {BASE64URL}"),
    ] {
        let (folder, config) = with_file("serve.push_secret_file", &content);
        let message = config.serve.push_secrets().unwrap_err().to_string();
        assert!(!message.contains("abcdef"), "{message}");
        messages.push(message.replace(folder.path().to_str().unwrap(), ""));
    }
    insta::assert_snapshot!(messages.join("\n"), @r"
    given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 1
    given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 1
    given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 2
    given by the program: serve.push_secret_file: /secret: expected at most two secrets, one a line
    given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 2
    given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 1
    ");
}

#[test]
fn the_delivery_secret_is_decoded() {
    // The example of the Standard Webhooks libraries.
    let (_folder, config) = with_file("serve.deliver_secret_file", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    let key = config.serve.deliver_secret().unwrap();
    assert_eq!(key.expose_secret().len(), 24);
    assert_eq!(key.expose_secret()[..3], [0x31, 0xf2, 0x90]);
    for padded in ["whsec_MDEyMzQ1Njc4OWFiY2RlZg==", "whsec_MDEyMzQ1Njc4OWFiY2RlZg"] {
        let (_folder, config) = with_file("serve.deliver_secret_file", padded);
        let key = config.serve.deliver_secret().unwrap();
        assert_eq!(key.expose_secret(), b"0123456789abcdef");
    }
}

#[test]
fn a_delivery_secret_of_another_form_is_refused() {
    for content in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MDEy", "whsec_a b*c"] {
        let (_folder, config) = with_file("serve.deliver_secret_file", content);
        let error = config.serve.deliver_secret().unwrap_err();
        assert_eq!(error.expected(), "whsec_ followed by 16 or more bytes in base64");
    }
}
