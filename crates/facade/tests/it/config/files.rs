//! Search for the configuration file, and the meaning of its paths.

use super::*;

fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_named_file_goes_before_the_environments_before_the_one_that_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let named = write(folder.path(), "named.toml", "http.timeout_s = 1");
    let environments = write(folder.path(), "environments.toml", "http.timeout_s = 2");
    let found = write(folder.path(), "weifen.toml", "http.timeout_s = 3");
    let searched =
        |name: &Path| Sources::new().environment([("WEIFEN_CONFIG", name.as_os_str())]).search(folder.path());
    for (sources, path, seconds) in [
        (searched(&environments).file(&named), &named, 1),
        (searched(&environments), &environments, 2),
        (searched(Path::new("")), &found, 3),
    ] {
        let config = sources.load().unwrap();
        assert_eq!(config.file(), Some(path.as_path()));
        assert_eq!(config.http.timeout.as_secs(), seconds);
    }
}

#[test]
fn only_a_file_that_nobody_named_may_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let config = Sources::new().search(folder.path()).load().unwrap();
    assert_eq!(config.file(), None);

    let named = Sources::new().file("/nonexistent/weifen.toml");
    let in_environment =
        Sources::new().environment([("WEIFEN_CONFIG", "/nonexistent/weifen.toml")]).search(folder.path());
    let folder_as_file = Sources::new().file("/");
    insta::assert_snapshot!(errors([named, in_environment, folder_as_file]), @r"
    /nonexistent/weifen.toml: the configuration file does not exist
    /nonexistent/weifen.toml: the configuration file does not exist
    /: the configuration file cannot be read: Is a directory (os error 21)
    ");
}

#[test]
fn a_found_file_that_cannot_be_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("weifen.toml")).unwrap();
    let error = error(Sources::new().search(folder.path()));
    assert!(matches!(error, ConfigError::File { .. }), "{error}");
}

/// Writes a file with the mode `mode`, and returns sources that find it.
#[cfg(unix)]
fn found(folder: &Path, mode: u32) -> Sources {
    use std::os::unix::fs::PermissionsExt;

    let path = write(folder, "weifen.toml", "http.timeout_s = 3");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    Sources::new().search(folder)
}

#[cfg(unix)]
#[test]
fn a_found_file_that_every_user_can_write_is_refused_by_name_and_a_named_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let sources = found(folder.path(), 0o666);
    let path = folder.path().join("weifen.toml");
    let distrusted = error(sources);
    assert!(matches!(distrusted, ConfigError::Distrusted { why: Distrust::WritableByAll { mode: 0o666 }, .. }));
    assert_eq!((distrusted.file(), distrusted.is_of_file()), (Some(path.as_path()), true));
    let words =
        format!("{}: the configuration file was found, not named, and every user can write the file", path.display());
    assert!(distrusted.to_string().starts_with(&words), "{distrusted}");

    let examined = Sources::new().search(folder.path()).examine();
    assert!(examined.has_unread_file());
    assert_eq!(examined.config.http.timeout.as_secs(), 10, "nothing of it is used");

    Sources::new().file(&path).load().unwrap();
    Sources::new().environment([("WEIFEN_CONFIG", path.as_os_str())]).search("/").load().unwrap();
}

#[cfg(unix)]
#[test]
fn a_found_file_that_umask_002_or_a_configmap_makes_is_used() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(found(folder.path(), 0o664).load().unwrap().http.timeout.as_secs(), 3);

    // As Kubernetes mounts a ConfigMap: the modes of the links do not matter.
    let volume = tempfile::tempdir().unwrap();
    fs::create_dir(volume.path().join("..2026")).unwrap();
    found(&volume.path().join("..2026"), 0o644);
    std::os::unix::fs::symlink("..2026", volume.path().join("..data")).unwrap();
    std::os::unix::fs::symlink("..data/weifen.toml", volume.path().join("weifen.toml")).unwrap();
    assert_eq!(Sources::new().search(volume.path()).load().unwrap().http.timeout.as_secs(), 3);

    // The mode of the target decides.
    found(&volume.path().join("..2026"), 0o646);
    assert!(matches!(error(Sources::new().search(volume.path())), ConfigError::Distrusted { .. }));
}

#[test]
fn a_file_without_an_end_is_not_read_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.toml");
    fs::write(&path, "#".repeat(1 << 20)).unwrap();
    Sources::new().file(&path).load().unwrap();
    fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    let error = error(Sources::new().file(&path)).to_string();
    assert!(error.ends_with("the configuration file cannot be read: file too large"), "{error}");
}

#[test]
fn a_file_in_another_encoding_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gbk.toml");
    fs::write(&path, b"[weiting]\nappid = '\xd6\xd0'\n").unwrap();
    let error = error(Sources::new().file(&path));
    assert!(error.to_string().ends_with("gbk.toml: the configuration file is not UTF-8 text"));
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_understood() {
    let text = "\u{feff}[http]\r\ntimeout_s = 4\r\nbody_cap = 1\r\n";
    let error = error(toml(text));
    assert_eq!((error.line(), error.key()), (Some(3), Some("http.body_cap")));
}

#[test]
fn paths_in_the_file_are_relative_to_its_folder_all_others_to_the_current_one() {
    let keys = "
        weiting.token_store = 'file:token.json'
        http.ca_file = 'ca.pem'
        serve.database = 'sqlite:inbox.db'";
    let in_file = Sources::new().toml("/etc/weifen/weifen.toml", keys);
    insta::assert_snapshot!(paths(in_file), @r#"Some(File("/etc/weifen/token.json")) Some("/etc/weifen/ca.pem") Sqlite("/etc/weifen/inbox.db")"#);
    let outside = Sources::new()
        .toml("/etc/weifen/weifen.toml", "")
        .environment([("WEIFEN_WEITING_TOKEN_STORE", "file:token.json"), ("WEIFEN_HTTP_CA_FILE", "ca.pem")])
        .set("serve.database", "sqlite:inbox.db");
    insta::assert_snapshot!(paths(outside), @r#"Some(File("token.json")) Some("ca.pem") Sqlite("inbox.db")"#);
    let absolute = Sources::new().toml(
        "/etc/weifen/weifen.toml",
        "weiting.token_store = 'file:///run/token.json'\nserve.database = 'sqlite:/run/inbox.db'",
    );
    insta::assert_snapshot!(paths(absolute), @r#"Some(File("/run/token.json")) None Sqlite("/run/inbox.db")"#);
}

fn paths(sources: Sources) -> String {
    let config = sources.load().unwrap();
    format!("{:?} {:?} {:?}", config.weiting.token_store, config.http.ca_file, config.serve.database)
}

#[test]
fn a_secret_file_is_relative_to_the_file_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "weiting.secret", "from the folder\n");
    let path = write(folder.path(), "any.toml", "weiting.secret_file = 'weiting.secret'");
    let config = Sources::new().file(path).load().unwrap();
    assert_eq!(revealed(config.weiting.secret()), "from the folder");
}

/// Every path of a configuration, as it was resolved.
fn written_paths(config: &Config) -> String {
    let secret = |error: ConfigError| error.to_string().split(": ").nth(2).unwrap_or_default().to_owned();
    format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        debug(&config.http.ca_file),
        config.serve.database,
        config.weiting.token_store.as_ref().map(ToString::to_string).unwrap_or_default(),
        secret(config.weiting.secret().unwrap_err()),
        secret(config.serve.push_secrets().unwrap_err()),
        secret(config.serve.deliver_secret().unwrap_err()),
    )
}

const OF_PATHS: [(&str, &str); 6] = [
    ("http.ca_file", "~/ca.pem"),
    ("serve.database", "sqlite:~/my 收件箱.db"),
    ("weiting.token_store", "file:~/t.json"),
    ("weiting.secret_file", "~/secret"),
    ("serve.push_secret_file", "~/push"),
    ("serve.deliver_secret_file", "~"),
];

#[test]
fn a_tilde_is_the_users_home_in_every_path_and_from_every_source() {
    let home = [("HOME", "/nonexistent/bo")];
    let text: String = OF_PATHS.map(|(key, value)| format!("{key} = '{value}'\n")).concat();
    let from_file = Sources::new().toml("etc/weifen.toml", text).environment(home);
    let from_environment = Sources::new().environment(
        OF_PATHS
            .map(|(key, value)| (variable(key), value.to_owned()))
            .into_iter()
            .chain(home.map(|(name, value)| (name.to_owned(), value.to_owned()))),
    );
    let from_program =
        OF_PATHS.iter().fold(Sources::new().environment(home), |sources, (key, value)| sources.set(*key, *value));
    for sources in [from_file, from_environment, from_program] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(written_paths(&sources.load().unwrap()), @r#"
            Some("/nonexistent/bo/ca.pem")
            sqlite:/nonexistent/bo/my 收件箱.db
            file:/nonexistent/bo/t.json
            /nonexistent/bo/secret does not exist
            /nonexistent/bo/push does not exist
            /nonexistent/bo does not exist
            "#);
        }
    }
}

#[test]
fn a_tilde_is_the_users_home_in_the_configuration_files_own_name() {
    let home = tempfile::tempdir().unwrap();
    let written = write(home.path(), "mine.toml", "http.timeout_s = 2");
    let variables = |config: &str| [("HOME", home.path().into()), ("WEIFEN_CONFIG", OsString::from(config))];
    for sources in [
        Sources::new().environment(variables("~/mine.toml")).search("/nonexistent"),
        Sources::new().environment(variables("")).file("~/mine.toml"),
    ] {
        let config = sources.load().unwrap();
        assert_eq!((config.file(), config.http.timeout.as_secs()), (Some(&*written), 2));
    }
    let refused = ["~bo/mine.toml", "\"/etc/mine.toml\"", "/etc/mine.toml\n"]
        .map(|config| Sources::new().environment(variables(config)).search("/nonexistent"));
    insta::assert_snapshot!(errors(refused), @r#"
    ~bo/mine.toml: the configuration file cannot be read: expected an absolute path, or a path that begins with ~/ (./~NAME is a file whose name begins with ~)
    "/etc/mine.toml": the configuration file cannot be read: expected a path without quotes around it
    /etc/mine.toml
    : the configuration file cannot be read: expected a path without white space or a line break around it
    "#);
}

#[test]
fn a_path_that_nobody_can_mean_is_refused() {
    let with = |key: &str, value: &str| Sources::new().environment([(variable(key), value.to_owned())]);
    let refused = [
        with("weiting.token_store", "file:~/t.json"),
        with("weiting.token_store", "file:~bo/t.json"),
        with("serve.database", "sqlite:/data/inbox.db\n"),
        with("serve.database", "\"sqlite:/data/inbox.db\""),
        with("serve.database", "sqlite:'/data/inbox.db'"),
        with("serve.database", "sqlite:inbox.db?mode=rwc"),
        with("serve.database", "sqlite://inbox.db"),
        with("http.ca_file", "'/etc/ca.pem'"),
        with("http.ca_file", "/etc/ca.pem "),
        with("http.timeout_s", "\"10\""),
        with("serve.drain_s", "10\r"),
        with("weiting.secret_file", "~bo/secret"),
        Sources::new().set("serve.push_secret_file", "~/push"),
        toml("http.ca_file = '~bo/ca.pem'"),
    ];
    insta::assert_snapshot!(errors(refused), @r"
    WEIFEN_WEITING_TOKEN_STORE: weiting.token_store: expected an absolute path instead of ~/, because HOME is not an absolute path
    WEIFEN_WEITING_TOKEN_STORE: weiting.token_store: expected an absolute path, or a path that begins with ~/ (./~NAME is a file whose name begins with ~)
    WEIFEN_SERVE_DATABASE: serve.database: expected a path without white space or a line break around it
    WEIFEN_SERVE_DATABASE: serve.database: expected sqlite:PATH or postgres://HOST/DATABASE, without quotes around it
    WEIFEN_SERVE_DATABASE: serve.database: expected a path without quotes around it
    WEIFEN_SERVE_DATABASE: serve.database: expected sqlite:PATH without parameters: weifen sets what SQLite needs
    WEIFEN_SERVE_DATABASE: serve.database: expected sqlite:PATH or postgres://HOST/DATABASE
    WEIFEN_HTTP_CA_FILE: http.ca_file: expected a path without quotes around it
    WEIFEN_HTTP_CA_FILE: http.ca_file: expected a path without white space or a line break around it
    WEIFEN_HTTP_TIMEOUT_S: http.timeout_s: expected a whole number from 1 to 3600, without quotes around it
    WEIFEN_SERVE_DRAIN_S: serve.drain_s: expected a whole number from 0 to 3600, without white space or a line break around it
    WEIFEN_WEITING_SECRET_FILE: weiting.secret_file: expected an absolute path, or a path that begins with ~/ (./~NAME is a file whose name begins with ~)
    given by the program: serve.push_secret_file: expected an absolute path instead of ~/, because HOME is not an absolute path
    weifen.toml:1: http.ca_file: expected an absolute path, or a path that begins with ~/ (./~NAME is a file whose name begins with ~)
    ");
}

#[test]
fn a_database_s_path_may_hold_what_urls_may_not() {
    for (written, path) in [
        ("sqlite:/data/a b/微厅 100%#1?.db", "/data/a b/微厅 100%#1?.db"),
        ("sqlite:///data/inbox.db", "/data/inbox.db"),
        ("sqlite:data/inbox.db", "data/inbox.db"),
        ("sqlite:./~", "./~"),
    ] {
        let config = Sources::new().set("serve.database", written).load().unwrap();
        assert!(matches!(&config.serve.database, DatabaseUrl::Sqlite(read) if read == Path::new(path)), "{written}");
    }
}
