//! The reference page docs/configuration.md.

use crate::config::key::Key;
use crate::config::keys::{self, SECTIONS};

const HEAD: &str = "\
# Configuration

`weifen` and the crate `weifen` read one file, `weifen.toml`: the one that `--config` or `WEIFEN_CONFIG` names, else
`./weifen.toml` if there is one. A `./weifen.toml` that belongs to another user than this one or root, or that others
can write, is refused: name it if it is meant. What prevails, from the weakest to the strongest: the default, the
file, the environment, a flag of the command.

- **Environment**: `WEIFEN_SECTION_KEY`, such as `WEIFEN_HTTP_TIMEOUT_S=5`. Lists are separated by commas.
- **Paths** in the file are relative to the file's folder, all others to the current folder.
- **Secrets** belong into files of mode 0600; a file's trailing newline is dropped, and `-` reads stdin.
- **An empty text** (`key = \"\"`) sets nothing: what lies below it holds.
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
    let mut page = vec![HEAD.to_owned()];
    for section in &SECTIONS {
        page.push(format!(
            "\n## {}\n\n{}\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
            section.heading(),
            section.doc
        ));
        for key in keys::of_section(section.name) {
            let default = key.without().map_or_else(|| format!("`{}`", key.default_toml()), ToOwned::to_owned);
            page.push(format!("| `{}` | {} | {default} | {} |\n", key.short(), value(key), key.doc));
        }
    }
    page.concat()
}

fn value(key: &Key) -> String {
    match key.kind.unit() {
        Some(unit) => format!("{}, {unit}", key.kind.expected()),
        None => key.kind.expected(),
    }
}
