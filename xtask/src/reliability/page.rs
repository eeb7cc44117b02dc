//! The page docs/reliability.md: a table for each area, with a row for each promise.

use super::promises::Promise;
use super::run::Figures;

const HEAD: &str = "<!-- Made by `cargo xtask reliability` from xtask/promises.toml and the output of the tests. Do not edit. -->\n\
# Reliability\n\
\n\
The promises of weifen, the tests that keep them, and the figures that those tests printed when this page was made.\n\
`cargo xtask reliability --check` runs the tests again.\n";

pub(super) fn write(promises: &[Promise], figures: &Figures) -> String {
    let mut page = HEAD.to_owned();
    let mut area = "";
    for promise in promises {
        if promise.area != area {
            area = &promise.area;
            page.extend(["\n## ", area, "\n\n| promise | test | figure |\n|---|---|---|\n"]);
        }
        let figure = promise.figure.as_ref().and_then(|name| figures.get(name)).map_or("–", String::as_str);
        page.extend([beginning(promise), cell(figure), " |\n".to_owned()]);
    }
    page
}

/// Returns true where the page has exactly these promises, with any figures.
pub(super) fn holds(page: &str, promises: &[Promise]) -> bool {
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| promise |");
    let rows: Vec<&str> = page.lines().filter(is_row).collect();
    rows.len() == promises.len() && promises.iter().zip(rows).all(|(promise, row)| row.starts_with(&beginning(promise)))
}

fn beginning(promise: &Promise) -> String {
    let guards: Vec<String> =
        promise.guards.iter().map(|guard| format!("`{}` {}", guard.path, guard.package)).collect();
    format!("| {} | {} | ", cell(&promise.says), guards.join("<br>"))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
