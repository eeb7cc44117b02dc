//! `cargo xtask configuration` and `cargo xtask openapi`: write the documents that the program `weifen` prints.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::cargo::{Workspace, stdout_of};
use crate::check::{self, Finding, Repair};

/// Documents that one command writes.
pub(crate) struct Documents {
    command: &'static str,
    /// The step of `cargo xtask check` that compares them.
    step: &'static str,
    /// First line of each file.
    head: &'static str,
    /// Each file, with the arguments that make `weifen` print it.
    files: [(&'static str, &'static [&'static str]); 2],
}

pub(crate) const CONFIGURATION: Documents = Documents {
    command: "cargo xtask configuration",
    step: "config",
    head: "<!-- Made by `cargo xtask configuration` from crates/facade/src/config/keys.rs. Do not edit. -->\n",
    files: [
        ("docs/configuration.md", &["config", "reference", "--lang", "en"]),
        ("docs/zh/configuration.md", &["config", "reference", "--lang", "zh"]),
    ],
};

pub(crate) const OPENAPI: Documents = Documents {
    command: "cargo xtask openapi",
    step: "openapi",
    head: "",
    files: [("docs/openapi.json", &["openapi", "3.1"]), ("docs/openapi-3.0.3.json", &["openapi", "3.0.3"])],
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing, and fail where a file is not what would be written
    #[arg(long)]
    check: bool,
}

impl Documents {
    pub(crate) fn run(&self, workspace: &Workspace, args: &Args) -> Result<ExitCode> {
        if args.check {
            return check::run(workspace, &check::STEPS, &[self.step.to_owned()]);
        }
        for (file, arguments) in self.files {
            fs::write(workspace.root().join(file), self.text(workspace, arguments)?)
                .with_context(|| format!("cannot write {file}"))?;
            println!("{file} is written");
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Reports each file that differs from what `weifen` prints.
    pub(crate) fn check(&self, workspace: &Workspace) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for (file, arguments) in self.files {
            let written = fs::read_to_string(workspace.root().join(file)).unwrap_or_default();
            if written != self.text(workspace, arguments)? {
                let what = format!("{file} is not what `weifen {}` prints", arguments.join(" "));
                findings.push(Finding { what, repair: Repair::run(self.command) });
            }
        }
        Ok(findings)
    }

    fn text(&self, workspace: &Workspace, arguments: &[&str]) -> Result<String> {
        let text = stdout_of(Command::new(workspace.program("weifen")?).args(arguments))?;
        Ok(format!("{}{text}", self.head))
    }
}
