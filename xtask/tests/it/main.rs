//! xtask as a person uses it, on small workspaces in temporary folders: break a thing, see its check fail, run the
//! printed command, see it pass.

mod check;
mod fixtures;
mod fuzz_command;
mod reliability;
mod scratch;
mod services;
mod supply;
mod test_command;
