//! A `weifen.toml` in which every key stands as a comment.

use crate::config::keys::{self, SECTIONS};

const HEAD: &str = "\
# Every key with its default. Remove the `# ` before a key to set it.
# A variable WEIFEN_SECTION_KEY of the environment prevails over this file.
";

/// Columns of a comment.
const WIDTH: usize = 98;

/// A `weifen.toml` with every key, its default and its meaning, all as comments: it loads as it stands.
pub fn example() -> String {
    let mut page = HEAD.to_owned();
    for section in &SECTIONS {
        page += &format!("\n{}[{}]\n", comment(section.doc), section.name);
        for key in keys::of_section(section.name) {
            page += &format!("\n{}", comment(key.doc));
            if let Some(words) = key.without() {
                page += &comment(&format!("By default: {words}."));
            }
            page += &format!("# {} = {}\n", key.short(), key.default_toml());
        }
    }
    page
}

/// Lines of a comment, broken at spaces.
fn comment(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line =
            lines.last_mut().filter(|line| line.is_empty() || line.chars().count() + word.chars().count() < WIDTH);
        match line {
            Some(line) => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| format!("# {line}\n")).collect()
}
