//! The servers that tests need: found, installed, or left out together with those tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use xtask_services::{Missing, Postgres, Program, Redis};

use crate::cargo::{Metadata, Package, status_of, stdout_of};
use crate::test_list::Test;

/// The library that starts them: a package whose tests need a server has it among its dev-dependencies.
pub(crate) const LIBRARY: &str = "xtask-services";

const INSTALL: &str = include_str!("services/install.sh");
/// What Debian's packages ask before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// What a person can do who can't install anything.
const OR: &str = "`cargo xtask test --no-services` leaves out the tests that need it";

/// A server, and the tests that need it.
pub(crate) struct Service {
    program: Program,
    /// How the paths of the tests that need it are told: by the name of a module.
    module: &'static str,
    /// What install.sh is told beyond the package.
    settings: &'static [&'static str],
    /// What becomes of the service that the package brings.
    afterwards: &'static str,
}

static SERVICES: [Service; 2] = [
    Service {
        program: Redis::SERVER,
        module: "needs_redis::",
        settings: &[],
        afterwards: "`systemctl disable redis-server` does at the next boot",
    },
    Service {
        program: Postgres::SERVER,
        module: "needs_postgres::",
        settings: &["postgresql-common", "/etc/postgresql-common/createcluster.conf", "create_main_cluster = false"],
        afterwards: "later it has no cluster to run",
    },
];

/// The servers that tests of these packages need; no package named means all.
pub(crate) fn needed(metadata: &Metadata, packages: &[String]) -> Result<Vec<&'static Service>> {
    let starts_one = |package: &Package| {
        package.name == LIBRARY || package.dependencies.iter().any(|on| on.is_dev() && on.name == LIBRARY)
    };
    let is_asked_for = |package: &Package| packages.is_empty() || packages.contains(&package.name);
    let mut sources = String::new();
    for package in metadata.packages.iter().filter(|package| is_asked_for(package) && starts_one(package)) {
        let folder = package.manifest_path.parent().context("a manifest has no folder")?;
        read_sources(folder, &mut sources)?;
    }
    let is_named = |service: &&Service| sources.contains(&format!("mod {}", service.module.trim_end_matches(':')));
    Ok(SERVICES.iter().filter(is_named).collect())
}

/// Reads all Rust below a folder.
fn read_sources(folder: &Path, sources: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            read_sources(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *sources += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        }
    }
    Ok(())
}

/// The tests that need one of these servers.
pub(crate) fn tests_that_need_one(services: &[&Service], tests: Vec<Test>) -> Vec<Test> {
    let needs = |test: &Test| services.iter().any(|service| test.path.contains(service.module));
    tests.into_iter().filter(needs).collect()
}

/// What tells a test program to leave those tests out.
pub(crate) fn skip(services: &[&Service]) -> Vec<&'static str> {
    services.iter().flat_map(|service| ["--skip", service.module]).collect()
}

/// Sees to it that the program of each of these servers is on this machine.
///
/// # Errors
///
/// One is not there and can't be installed.
pub(crate) fn provide(services: &[&Service]) -> Result<()> {
    for service in services {
        println!("{}: {}", service.program.name, found_or_installed(service)?.display());
    }
    Ok(())
}

fn found_or_installed(service: &Service) -> Result<PathBuf> {
    let missing = match service.program.find() {
        Ok(path) => return Ok(path),
        Err(missing) => missing,
    };
    if !matches!(missing, Missing::Nowhere(_)) {
        bail!("{missing}; {OR}");
    }
    if let Err(why) = install(service) {
        bail!("{missing}; {OR} ({why:#})");
    }
    service.program.find().with_context(|| format!("what was installed will not do; {OR}"))
}

fn install(service: &Service) -> Result<()> {
    if !is_root() || !has_apt() {
        bail!("to install it, this would have to be root on a machine with apt-get");
    }
    let Service { program, settings, afterwards, .. } = service;
    let package = program.debian_package;
    println!("there is no {}: installing it by `apt-get install --no-install-recommends {package}`;", program.name);
    println!("{POLICY} keeps its service from starting meanwhile; {afterwards}");
    let mut command = Command::new("sh");
    command.args(["-c", INSTALL, "install.sh", POLICY, package]).args(*settings);
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
