//! Names as they are written: the key that an environment variable spells, and the nearest name to one that is mistyped.

use super::keys::{self, KEYS, SECTIONS};

/// The key that an environment variable spells. `Err` is such a key that does not exist; `None` a
/// variable that names none of the sections and is no concern of ours.
pub(super) fn key_of(variable: &str) -> Option<Result<&'static str, String>> {
    let (section, name) = variable.strip_prefix("WEIFEN_")?.split_once('_')?;
    let section = section_names().find(|known| known.to_uppercase() == section)?;
    let found = KEYS.iter().find(|key| key.variable() == variable).map(|key| key.name);
    Some(found.ok_or_else(|| format!("{section}.{}", name.to_lowercase())))
}

/// The known key of the same section that `key` was probably meant to be.
pub(super) fn nearest_key(key: &str) -> Option<&'static str> {
    let (section, name) = key.split_once('.')?;
    nearest(name, keys::of_section(section).map(|key| key.name))
}

/// The section that `section` was probably meant to be.
pub(super) fn nearest_section(section: &str) -> Option<&'static str> {
    nearest(section, section_names())
}

/// The section that `variable` names, where it is none but a letter or two off one.
pub(super) fn misspelt_section(variable: &str) -> Option<String> {
    let section = variable.strip_prefix("WEIFEN_")?.split('_').next()?.to_ascii_lowercase();
    let is_near = |known: &str| (1..=2).contains(&strsim::damerau_levenshtein(&section, known));
    (section.len() > 3 && section_names().any(is_near)).then_some(section)
}

fn section_names() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|section| section.name)
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
