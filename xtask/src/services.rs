//! The servers that tests need: found, installed, or left out together with those tests.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use xtask_services::{Missing, Program, Redis};

use crate::cargo::{Metadata, Package, status_of, stdout_of};
use crate::test_list::Test;

/// The library that starts them: a package whose tests need a server has it among its dev-dependencies.
pub(crate) const LIBRARY: &str = "xtask-services";

const INSTALL: &str = include_str!("services/install.sh");
/// What Debian's packages ask before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// What a person can do who can't install anything.
const OR: &str = "`cargo xtask test --no-services` leaves out the tests that need it";

struct Service {
    program: Program,
    /// How the paths of the tests that need it are told: by the name of a module.
    module: &'static str,
}

const SERVICES: [Service; 1] = [Service { program: Redis::SERVER, module: "needs_redis::" }];

/// Whether tests of these packages need a server; no package named means all.
pub(crate) fn are_needed(metadata: &Metadata, packages: &[String]) -> bool {
    let starts_one = |package: &Package| {
        package.name == LIBRARY || package.dependencies.iter().any(|on| on.is_dev() && on.name == LIBRARY)
    };
    let is_asked_for = |package: &Package| packages.is_empty() || packages.contains(&package.name);
    metadata.packages.iter().any(|package| is_asked_for(package) && starts_one(package))
}

/// The tests that need a server.
pub(crate) fn tests_that_need_one(tests: Vec<Test>) -> Vec<Test> {
    let needs = |test: &Test| SERVICES.iter().any(|service| test.path.contains(service.module));
    tests.into_iter().filter(needs).collect()
}

/// What tells a test program to leave those tests out.
pub(crate) fn skip() -> Vec<&'static str> {
    SERVICES.iter().flat_map(|service| ["--skip", service.module]).collect()
}

/// Sees to it that each server's program is on this machine.
///
/// # Errors
///
/// One is not there and can't be installed.
pub(crate) fn provide() -> Result<()> {
    for service in &SERVICES {
        let found = service.program.find().or_else(|missing| match missing {
            Missing::Nowhere(_) => installed(&service.program, &missing),
            missing => bail!("{missing}; {OR}"),
        });
        println!("{}: {}", service.program.name, found?.display());
    }
    Ok(())
}

fn installed(program: &Program, missing: &Missing) -> Result<PathBuf> {
    if let Err(why) = install(program) {
        bail!("{missing}; {OR} ({why:#})");
    }
    Ok(program.find()?)
}

fn install(program: &Program) -> Result<()> {
    if !is_root() || !has_apt() {
        bail!("to install it, this would have to be root on a machine with apt-get");
    }
    let package = program.debian_package;
    println!("there is no {}: installing it by `apt-get install --no-install-recommends {package}`;", program.name);
    println!("{POLICY} keeps its service from starting meanwhile; `systemctl disable {package}` does at the next boot");
    let mut command = Command::new("sh");
    command.args(["-c", INSTALL, "install.sh", POLICY, package]);
    let status = status_of(&mut command)?;
    if !status.success() {
        bail!("installing {package} failed ({status}), see above");
    }
    Ok(())
}

fn is_root() -> bool {
    stdout_of(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn has_apt() -> bool {
    stdout_of(Command::new("apt-get").arg("--version")).is_ok()
}
