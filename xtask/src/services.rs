//! Servers that tests need, and the right to mount a file system. What is missing is installed, or the tests that need
//! it are left out.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use xtask_services::{Missing, Postgres, Program, Redis, SmallDisk};

use crate::cargo::{Metadata, status_of, stdout_of};
use crate::files;

/// The library that starts servers: a dev-dependency of each package whose tests need one.
pub(crate) const LIBRARY: &str = "xtask-services";

const INSTALL: &str = include_str!("services/install.sh");
/// Program that Debian's packages ask before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Advice for a person who can't install anything.
const OR: &str = "`cargo xtask test --no-services` leaves out the tests that need it";

/// The modules of tests that need something, and the server that they start; without one, they mount a file system.
const NEEDS: [(&str, Option<Program>); 3] =
    [("needs_redis::", Some(Redis::SERVER)), ("needs_postgres::", Some(Postgres::SERVER)), ("needs_mount::", None)];

/// Provides what the tests of these packages need, of all packages where none is named. Returns the modules of the
/// tests that are left out, after printing them.
///
/// # Errors
///
/// Servers are missing and can't be installed; the error names all of them.
pub(crate) fn provide(metadata: &Metadata, packages: &[String], without_servers: bool) -> Result<Vec<&'static str>> {
    let sources = tests_of(metadata, packages)?;
    let (mut servers, mut left_out) = (Vec::new(), Vec::new());
    for (module, server) in NEEDS {
        let declaration = format!("mod {}", module.trim_end_matches(':'));
        if !sources.lines().any(|line| line.starts_with(&declaration)) {
            continue;
        }
        let why = match server {
            Some(_) if without_servers => "--no-services".to_owned(),
            Some(server) => {
                servers.push(server);
                continue;
            }
            None => match SmallDisk::mount() {
                Ok(_) => continue,
                Err(error) => format!("no permission to mount a file system ({error}; root has it)"),
            },
        };
        println!("{why} leaves out the tests in {module}");
        left_out.push(module);
    }
    install_missing(&servers)?;
    Ok(left_out)
}

/// Returns the sources of the packages' tests.
fn tests_of(metadata: &Metadata, packages: &[String]) -> Result<String> {
    let mut sources = String::new();
    for package in metadata.packages.iter().filter(|one| packages.is_empty() || packages.contains(&one.name)) {
        for path in files::rust_below(&package.manifest_path.with_file_name("tests"))? {
            sources += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        }
    }
    Ok(sources)
}

/// Installs by apt the servers that are nowhere, if this is root on a Debian or Ubuntu.
fn install_missing(servers: &[Program]) -> Result<()> {
    let is_nowhere = |server: &&Program| matches!(server.find(), Err(Missing::Nowhere(_)));
    let packages: Vec<_> = servers.iter().filter(is_nowhere).map(|server| server.debian_package).collect();
    let is_root = || stdout_of(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let has_apt = || stdout_of(Command::new("apt-get").arg("--version")).is_ok();
    if !packages.is_empty() && is_root() && has_apt() {
        let list = packages.join(" ");
        println!("installing {list}; {POLICY} keeps their services from starting until the next boot");
        let status = status_of(Command::new("sh").args(["-c", INSTALL, "install.sh", POLICY]).args(packages))?;
        ensure!(status.success(), "installing {list} failed ({status}), see above; {OR}");
    }
    let mut missing = Vec::new();
    for server in servers {
        match server.find() {
            Ok(path) => println!("{}: {}", server.name, path.display()),
            Err(why) => missing.push(why.to_string()),
        }
    }
    ensure!(missing.is_empty(), "{}; {OR}", missing.join("\n"));
    Ok(())
}
