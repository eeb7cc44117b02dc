//! URLs as arguments, where a password would be visible in every process list.

use url::{Position, Url};

use crate::failure::Failure;

/// Returns `text`, the value of `option`, unless it is a URL with a password.
///
/// # Errors
/// When the text is a URL with a user name or a password, or is not a URL but may contain a password.
pub(crate) fn without_password(option: &str, text: String) -> Result<String, Failure> {
    // A user name alone is often a token.
    let has_user = Url::parse(&text).is_ok_and(|url| !url.username().is_empty());
    if !has_user && !carries_password(&text) {
        return Ok(text);
    }
    let problem = "a URL in an argument must not contain a user name or a password";
    Err(Failure::usage(format!("{option}: {problem}")))
}

/// Returns `text`, the value of `--database`, unless it has a password. A database's user is no secret.
///
/// # Errors
/// When the text contains a password, or may contain one; or is empty: an unset variable must not lead to another
/// database.
pub(crate) fn database(text: String) -> Result<String, Failure> {
    if text.is_empty() {
        return Err(Failure::usage(
            "--database: the value is empty; leave the option out to use the configured database",
        ));
    }
    if !carries_password(&text) {
        return Ok(text);
    }
    let problem = "--database: a URL in an argument must not contain a password";
    Err(Failure::usage(problem).with_hint("set serve.database in the configuration, or WEIFEN_SERVE_DATABASE"))
}

fn carries_password(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        // An unencoded password may be the reason that it is no URL.
        return text.contains("//") && text.contains('@');
    };
    let by_name = url.query_pairs().any(|(name, _)| names_password(&name));
    url.password().is_some() || by_name || ends_its_authority_early(&url)
}

fn names_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "pass" | "passwd" | "pwd") || name.ends_with("password")
}

/// A `/`, `?` or `#` inside a password ends the authority too early: then the user and the beginning of the password
/// look like a host and its port.
fn ends_its_authority_early(url: &Url) -> bool {
    let looks_like_a_user = url.domain().is_some_and(|host| !host.contains('.') && host != "localhost");
    looks_like_a_user && url.port().is_some() && url[Position::AfterPort..].contains('@')
}
