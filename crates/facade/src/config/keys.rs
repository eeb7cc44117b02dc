//! The table of keys that a configuration may hold, and what follows from it: section names,
//! environment variables, and the nearest known name for one that is mistyped.

/// The sections of the file.
pub(super) const SECTIONS: [&str; 4] = ["weiting", "fensi", "http", "serve"];

/// Every key, as `section.name`.
pub(super) const KEYS: [&str; 42] = [
    "weiting.base_url",
    "weiting.appid",
    "weiting.secret",
    "weiting.secret_file",
    "weiting.plaintext",
    "weiting.user_path",
    "weiting.encoding",
    "weiting.token_store",
    "weiting.token_life_s",
    "weiting.refresh_before_s",
    "weiting.daily_limit",
    "fensi.base_url",
    "fensi.develop_appid",
    "fensi.app_secret",
    "fensi.app_secret_file",
    "fensi.key",
    "fensi.encoding",
    "fensi.plaintext",
    "http.timeout_s",
    "http.connect_timeout_s",
    "http.body_cap",
    "http.proxy",
    "http.ca_file",
    "serve.listen",
    "serve.admin_listen",
    "serve.database",
    "serve.push_secret_file",
    "serve.keys",
    "serve.unsolicited",
    "serve.second_follow",
    "serve.undecodable_status",
    "serve.allow_ips",
    "serve.trusted_proxies",
    "serve.deliver_url",
    "serve.deliver_secret_file",
    "serve.deliver_timeout_s",
    "serve.deliver_public_only",
    "serve.lease_s",
    "serve.give_up_after_s",
    "serve.max_attempts",
    "serve.backoff_base_ms",
    "serve.drain_s",
];

/// Two forms of one secret: the text itself, and the file that holds it.
pub(super) const TWO_FORMS: [(&str, &str); 2] =
    [("weiting.secret", "weiting.secret_file"), ("fensi.app_secret", "fensi.app_secret_file")];

/// The keys that name the file of a secret; `-` is stdin.
pub(super) const SECRET_FILES: [&str; 4] =
    ["weiting.secret_file", "fensi.app_secret_file", "serve.push_secret_file", "serve.deliver_secret_file"];

/// The table's own spelling of `key`, where it is one of the table's.
pub(super) fn known(key: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|known| *known == key)
}

/// `weiting.appid` is `WEIFEN_WEITING_APPID`.
pub(super) fn variable(key: &str) -> String {
    format!("WEIFEN_{}", key.replace('.', "_").to_uppercase())
}

/// The key that an environment variable spells. `Err` is such a key that does not exist; `None` a
/// variable that names none of the sections and is no concern of ours.
pub(super) fn of_variable(variable: &str) -> Option<Result<&'static str, String>> {
    let (section, name) = variable.strip_prefix("WEIFEN_")?.split_once('_')?;
    let section = SECTIONS.into_iter().find(|known| known.to_uppercase() == section)?;
    let found = KEYS.into_iter().find(|key| self::variable(key) == variable);
    Some(found.ok_or_else(|| format!("{section}.{}", name.to_lowercase())))
}

/// The keys of one section.
pub(super) fn of_section(section: &str) -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().filter(move |key| key.split('.').next() == Some(section))
}

/// The known key of the same section that `key` was probably meant to be.
pub(super) fn nearest_key(key: &str) -> Option<&'static str> {
    let (section, name) = key.split_once('.')?;
    nearest(name, of_section(section))
}

/// The section that `section` was probably meant to be.
pub(super) fn nearest_section(section: &str) -> Option<&'static str> {
    nearest(section, SECTIONS.into_iter())
}

/// The section that `variable` names, where it is none but a letter or two off one.
pub(super) fn misspelt_section(variable: &str) -> Option<String> {
    let section = variable.strip_prefix("WEIFEN_")?.split('_').next()?.to_ascii_lowercase();
    let is_near = |known: &str| (1..=2).contains(&strsim::damerau_levenshtein(&section, known));
    (section.len() > 3 && SECTIONS.into_iter().any(is_near)).then_some(section)
}

/// Compares with the last part of each candidate.
fn nearest(name: &str, candidates: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let likeness = |candidate: &'static str| {
        let last = candidate.rsplit('.').next().unwrap_or(candidate);
        strsim::normalized_damerau_levenshtein(name, last)
    };
    candidates
        .map(|candidate| (candidate, likeness(candidate)))
        .filter(|(_, likeness)| *likeness >= 0.5)
        .max_by(|(_, left), (_, right)| left.total_cmp(right))
        .map(|(candidate, _)| candidate)
}
