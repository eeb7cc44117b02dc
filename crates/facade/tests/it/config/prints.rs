//! No `Debug` or `Display` output holds a secret.

use super::*;

/// All forms in which an error can be printed.
fn printed(error: &ConfigError) -> String {
    let mut all = format!("{error} {error:?} {error:#?} {}", error.expected());
    let mut cause = error.source();
    while let Some(error) = cause {
        all = format!("{all} {error} {error:?}");
        cause = error.source();
    }
    all
}

#[test]
fn no_value_is_in_any_error() {
    for case in CASES {
        let value = format!("\u{1}{CANARY}");
        let name = variable(case.key);
        let misspelt = format!("{}x", case.key);
        let wrong = [
            toml(&format!("{} = {{ a = '{CANARY}' }}", case.key)),
            toml(&format!("{} = [['{CANARY}']]", case.key)),
            toml(&format!("{} = '{CANARY}", case.key)),
            toml(&format!("{} = \"{CANARY}\\q\"", case.key)),
            toml(&format!("{} = {CANARY}", case.key)),
            toml(&format!("{0} = '{CANARY}'\n{0} = '{CANARY}'", case.key)),
            toml(&format!("{misspelt} = '{CANARY}'")),
            Sources::new().environment([(variable(&misspelt), &value)]),
            Sources::new().set(&misspelt, &value),
        ];
        for sources in wrong {
            assert!(!format!("{sources:?}").contains(CANARY));
            let error = error(sources);
            assert!(!printed(&error).contains(CANARY), "{}: {error}", case.key);
        }
        let accepted_or_not = Sources::new().environment([(name, &value)]).load();
        if let Err(error) = accepted_or_not {
            assert!(!printed(&error).contains(CANARY), "{}: {error}", case.key);
        }
    }
}

#[test]
fn no_secret_is_in_an_error_about_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let mut bytes = CANARY.as_bytes().to_vec();
    bytes.push(0xff);
    fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap();
    let config = Sources::new()
        .set("weiting.secret_file", path)
        .set("serve.push_secret_file", path)
        .set("serve.deliver_secret_file", path);
    let config = config.load().unwrap();
    let read = || {
        [
            config.weiting.secret().map(drop),
            config.serve.push_secrets().map(drop),
            config.serve.deliver_secret().map(drop),
        ]
    };
    for result in read() {
        let printed = printed(&result.unwrap_err());
        assert!(printed.contains("is not UTF-8 text") && !printed.contains(CANARY));
    }
    fs::write(path, CANARY).unwrap();
    for result in &read()[1..] {
        let printed = printed(result.as_ref().unwrap_err());
        assert!(!printed.contains(CANARY), "{printed}");
    }
}

#[test]
fn the_debug_of_a_configuration_holds_no_secret_and_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, format!("whsec_{CANARY}{CANARY}{CANARY}")).unwrap();
    let path = path.to_str().unwrap();
    for database in [
        format!("postgres://user:{CANARY}@db.example/inbox"),
        format!("postgres://db.example/inbox?password={CANARY}"),
        format!("postgres://{CANARY}/part@db.example/inbox"),
        format!("postgres://{CANARY}#part@db.example/inbox"),
    ] {
        let config = Sources::new()
            .set("weiting.secret", CANARY)
            .set("fensi.app_secret_file", path)
            .set("weiting.token_store", format!("redis://:{CANARY}@cache.example:6380/1"))
            .set("http.proxy", format!("http://user:{CANARY}@proxy.example:1"))
            .set("serve.database", &database)
            .set("serve.push_secret_file", path)
            .set("serve.deliver_secret_file", path)
            .set("serve.deliver_url", format!("https://shop.example/{CANARY}"));
        let config = config.load().unwrap();
        assert!(config.weiting.secret().is_ok() && config.fensi.app_secret().is_ok());
        let printed = format!("{config:?} {config:#?}");
        assert!(!printed.contains(CANARY), "{printed}");
        assert!(printed.contains("redis://cache.example:6380/1"));
        let DatabaseUrl::Postgres(url) = config.serve.database else {
            panic!("a postgres URL");
        };
        assert_eq!(url.expose(), database);
    }
}

#[test]
fn a_user_is_not_shown_either() {
    let config = Sources::new()
        .set("weiting.token_store", "rediss://cache.example")
        .set("serve.database", "postgresql://app@db.example/inbox?sslmode=require")
        .load()
        .unwrap();
    assert!(matches!(config.weiting.token_store, Some(TokenStoreUrl::Redis(_))));
    assert_eq!(config.weiting.token_store.unwrap().to_string(), "rediss://cache.example");
    let DatabaseUrl::Postgres(postgres) = config.serve.database else {
        panic!("a postgres URL");
    };
    assert_eq!(postgres.to_string(), "postgresql://db.example");
}
