//! Spelling of names: the key that an environment variable names, and the known name nearest to a mistyped one.

use super::keys::{self, SECTIONS};

/// The key that an environment variable names. `Err` is an unknown key of a known section; `None` is a variable that
/// names no section and is ignored.
pub(super) fn key_of(variable: &str) -> Option<Result<&'static str, String>> {
    let (section, name) = variable.strip_prefix("WEIFEN_")?.split_once('_')?;
    let section = section_names().find(|known| known.to_uppercase() == section)?;
    let found = keys::single().find(|key| key.variable() == variable).map(|key| key.name);
    Some(found.ok_or_else(|| format!("{section}.{}", name.to_lowercase())))
}

/// The known keys that `key` was probably meant to be: first those of the same name in other sections, then the
/// nearest in its own section.
pub(super) fn nearest_keys(key: &str) -> Vec<&'static str> {
    let Some((section, name)) = key.rsplit_once('.') else { return Vec::new() };
    let elsewhere = keys::single().filter(|known| known.section() != section && known.short() == name);
    let elsewhere = elsewhere.map(|known| known.name);
    elsewhere.chain(nearest(name, keys::of_section(section).map(|key| key.name))).collect()
}

/// The section that `section` was probably meant to be.
pub(super) fn nearest_section(section: &str) -> Option<&'static str> {
    // A short name is near many others: more than half of it must be right. Else it is a key outside of its section.
    let is_near = |known: &&str| strsim::damerau_levenshtein(section, last(known)) * 2 < last(known).len();
    nearest(section, section_names()).filter(is_near)
}

/// The section that `variable` names, where it differs from a known one by one or two letters.
pub(super) fn misspelt_section(variable: &str) -> Option<String> {
    let section = variable.strip_prefix("WEIFEN_")?.split('_').next()?.to_ascii_lowercase();
    let is_near = |known: &str| (1..=2).contains(&strsim::damerau_levenshtein(&section, known));
    (section.len() > 3 && section_names().any(is_near)).then_some(section)
}

fn section_names() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|section| section.name)
}

/// Compares with the last part of each candidate. One that ends in `_NAME`, as `develop_appid` for `appid`, is near.
fn nearest(name: &str, candidates: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let likeness = |candidate| strsim::normalized_damerau_levenshtein(name, last(candidate));
    candidates
        .map(|candidate| (candidate, likeness(candidate)))
        .filter(|(candidate, likeness)| *likeness >= 0.5 || last(candidate).ends_with(&format!("_{name}")))
        .max_by(|(_, left), (_, right)| left.total_cmp(right))
        .map(|(candidate, _)| candidate)
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
