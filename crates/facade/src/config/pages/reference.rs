//! The reference page docs/configuration.md.

use crate::config::key::{Key, Section};
use crate::config::keys::{self, SECTIONS};

const HEAD: &str = "\
# Configuration

[中文](zh/configuration.md)

`weifen` and the crate `weifen` read one file, `weifen.toml`: the one that `--config` or `WEIFEN_CONFIG` names, else
`./weifen.toml` if it exists. A `./weifen.toml` that belongs to another user than this one or root, or that others can
write, is refused; to use it, name it. Precedence, from lowest to highest: the default, the file, the environment, a
flag of the command.

- **Environment**: `WEIFEN_SECTION_KEY`, such as `WEIFEN_HTTP_TIMEOUT_S=5`. Lists are separated by commas.
- **Paths** in the file are relative to the file's folder, all others to the current folder.
- **Secrets** belong in files of mode 0600; a file's trailing newline is dropped, and `-` reads stdin.
- **An empty text** (`key = \"\"`) sets nothing: the value of the next lower precedence applies.
- **A mistake** is an error: an unknown key, a wrong type, a value out of range, a missing file.

| you want | run |
|---|---|
| a file to begin with | `weifen config example > weifen.toml` |
| to know whether your file is right | `weifen config check` |
| your editor to mark mistakes | `weifen config schema > weifen.schema.json`, and `#:schema weifen.schema.json` as the file's first line (taplo and editors that use it) |
| to know where each value comes from | `weifen doctor`, `weifen doctor --json` |
";

/// The reference page of all keys, in Markdown.
pub fn reference() -> String {
    let cells = |key: &Key| {
        let expected = key.kind.expected();
        let value = key.kind.unit().map_or_else(|| expected.clone(), |unit| format!("{expected}, {unit}"));
        [value, default(key, key.without()), key.doc.to_owned()]
    };
    page(HEAD, "| key | value | default | meaning |", |section| section.doc, cells)
}

/// A page of all keys: `cells` gives what a key's row says of its value, its default and its meaning.
pub(super) fn page(
    head: &str,
    columns: &str,
    doc: fn(&Section) -> &'static str,
    cells: fn(&Key) -> [String; 3],
) -> String {
    let mut page = vec![head.to_owned()];
    for section in &SECTIONS {
        page.push(format!("\n## {}\n\n{}\n\n{columns}\n|---|---|---|---|\n", section.heading(), doc(section)));
        for key in keys::of_section(section.name) {
            page.push(format!("| `{}` | {} |\n", key.short(), cells(key).join(" | ")));
        }
    }
    page.concat()
}

/// The default as a row shows it: `words` for one that is absent or empty.
pub(super) fn default(key: &Key, words: Option<&str>) -> String {
    words.map_or_else(|| format!("`{}`", key.default_toml()), ToOwned::to_owned)
}
