//! An error with its chain of causes, each once, for a log: the JSON log format would leave the causes out.

use std::error::Error;
use std::fmt;

pub(crate) struct Causes<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !words.ends_with(&more) {
                words.push_str(": ");
                words.push_str(&more);
            }
            cause = error.source();
        }
        f.write_str(&words)
    }
}
