//! The folder for a user's state, by the XDG base directory rules.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::failure::Failure;

/// Returns `$XDG_STATE_HOME/weifen`, else `$HOME/.local/state/weifen`. A path that is not absolute is ignored.
///
/// # Errors
/// When neither XDG_STATE_HOME nor HOME is an absolute path.
pub(crate) fn of_this_user() -> Result<PathBuf, Failure> {
    let given = absolute(env::var_os("XDG_STATE_HOME"));
    let state = given.or_else(|| Some(absolute(env::var_os("HOME"))?.join(".local/state")));
    state.map(|state| state.join("weifen")).ok_or_else(|| {
        let problem = "no folder for the token: neither XDG_STATE_HOME nor HOME is an absolute path";
        Failure::config_in_words(problem).with_hint("set weiting.token_store to file:PATH, redis://HOST or memory")
    })
}

fn absolute(variable: Option<OsString>) -> Option<PathBuf> {
    variable.map(PathBuf::from).filter(|path| path.is_absolute())
}
