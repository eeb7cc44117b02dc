//! The language of what is printed for people: that of `--lang`, else the locale's.

use std::env;
use std::ffi::OsString;

use clap::ValueEnum;

/// Variables that name the locale, the strongest first.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    #[value(name = "en")]
    English,
    #[value(name = "zh")]
    Chinese,
}

impl Language {
    /// The language `asked` for, else that of the locale.
    pub(crate) fn of(asked: Option<Self>) -> Self {
        asked.unwrap_or_else(|| Self::of_locale(|name| env::var_os(name)))
    }

    /// Chinese where the first variable that is set to something begins with `zh_CN`.
    fn of_locale(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let locale = LOCALE.into_iter().filter_map(variable).find(|value| !value.is_empty());
        let is_chinese = locale.is_some_and(|locale| locale.as_encoded_bytes().starts_with(b"zh_CN"));
        if is_chinese { Self::Chinese } else { Self::English }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_to_something_decides() {
        let cases: [(&[(&str, &str)], Language); 6] = [
            (&[], Language::English),
            (&[("LANG", "zh_CN.UTF-8")], Language::Chinese),
            (&[("LC_ALL", ""), ("LC_MESSAGES", "zh_CN"), ("LANG", "C")], Language::Chinese),
            (&[("LC_ALL", "C"), ("LC_MESSAGES", "zh_CN"), ("LANG", "zh_CN")], Language::English),
            (&[("LC_MESSAGES", "en_US.UTF-8"), ("LANG", "zh_CN.UTF-8")], Language::English),
            (&[("LANG", "zh_TW.UTF-8")], Language::English),
        ];
        for (set, language) in cases {
            let variable = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
            assert_eq!(Language::of_locale(variable), language, "{set:?}");
        }
    }
}
