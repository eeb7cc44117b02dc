//! A `weifen.toml` with every key as a comment.

use crate::config::keys::{self, SECTIONS};

const HEAD: &str = "\
# Every key with its default. Remove the `# ` before a key to set it.
# A variable WEIFEN_SECTION_KEY of the environment prevails over this file.
";

/// Columns of a comment.
const WIDTH: usize = 100;

/// A `weifen.toml` with every key, its default and its meaning, all as comments: it loads as it stands.
pub fn example() -> String {
    let mut page = vec![HEAD.to_owned()];
    for section in &SECTIONS {
        // An empty table of a section that repeats would lack what each needs.
        let mark = if section.repeats { "# " } else { "" };
        page.push(format!("\n{}{mark}{}\n", comment(section.doc), section.heading()));
        for key in keys::of_section(section.name) {
            let default = key.without().map(|words| comment(&format!("By default: {words}."))).unwrap_or_default();
            let line = format!("# {} = {}\n", key.short(), key.default_toml());
            page.push(format!("\n{}{default}{line}", comment(key.doc)));
        }
    }
    page.concat()
}

/// Lines of a comment, broken at spaces.
fn comment(text: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => line.extend([" ", word]),
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.join("\n") + "\n"
}
