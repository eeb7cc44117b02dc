//! Servers that tests need, and the right to mount a file system. What is missing is installed, or the tests that need
//! it are left out.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use xtask_services::{Missing, Postgres, Program, Redis, SmallDisk};

use crate::cargo::{Metadata, Package, status_of, stdout_of};
use crate::files;

/// The library that starts servers: a dev-dependency of each package whose tests need one.
pub(crate) const LIBRARY: &str = "xtask-services";

const INSTALL: &str = include_str!("services/install.sh");
/// Program that Debian's packages ask before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Advice for a person who can't install anything.
const OR: &str = "`cargo xtask test --no-services` leaves out the tests that need it";

/// A need of the tests in modules of one name.
pub(crate) struct Need {
    /// The module's name, with `::`, as in the tests' paths.
    module: &'static str,
    /// The server that they start; `None`: they mount a file system of their own.
    server: Option<Program>,
}

static NEEDS: [Need; 3] = [
    Need { module: "needs_redis::", server: Some(Redis::SERVER) },
    Need { module: "needs_postgres::", server: Some(Postgres::SERVER) },
    Need { module: "needs_mount::", server: None },
];

/// Returns the needs of these packages' tests; of all packages where none is named.
pub(crate) fn needed(metadata: &Metadata, packages: &[String]) -> Result<Vec<&'static Need>> {
    let starts_one = |package: &Package| {
        package.name == LIBRARY || package.dependencies.iter().any(|on| on.is_dev() && on.name == LIBRARY)
    };
    let is_asked_for = |package: &Package| packages.is_empty() || packages.contains(&package.name);
    let mut sources = String::new();
    for package in metadata.packages.iter().filter(|package| is_asked_for(package) && starts_one(package)) {
        let folder = package.manifest_path.parent().context("a manifest has no folder")?;
        for path in files::rust_below(folder)? {
            sources += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        }
    }
    let is_named = |need: &&Need| sources.contains(&format!("mod {}", need.module.trim_end_matches(':')));
    Ok(NEEDS.iter().filter(is_named).collect())
}

/// Tests that are left out, with the reason.
pub(crate) struct LeftOut {
    pub(crate) why: String,
    /// The modules of the tests.
    pub(crate) modules: Vec<&'static str>,
}

/// Installs missing servers, unless they are left out, and checks the right to mount a file system.
///
/// # Errors
///
/// Servers are missing and can't be installed; the error names all of them.
pub(crate) fn provide(needed: &[&Need], without_servers: bool) -> Result<Vec<LeftOut>> {
    let (servers, mounts): (Vec<&Need>, Vec<&Need>) = needed.iter().partition(|need| need.server.is_some());
    let modules = |needs: &[&Need]| needs.iter().map(|need| need.module).collect();
    let mut left_out = Vec::new();
    if without_servers {
        left_out.push(LeftOut { why: "--no-services".to_owned(), modules: modules(&servers) });
    } else {
        provide_servers(&servers.iter().filter_map(|need| need.server).collect::<Vec<_>>())?;
    }
    if !mounts.is_empty()
        && let Err(error) = SmallDisk::mount()
    {
        let why = format!("no right to mount a file system ({error}; root has it)");
        left_out.push(LeftOut { why, modules: modules(&mounts) });
    }
    Ok(left_out)
}

fn provide_servers(servers: &[Program]) -> Result<()> {
    let is_nowhere = |server: &&Program| matches!(server.find(), Err(Missing::Nowhere(_)));
    let packages: Vec<_> = servers.iter().filter(is_nowhere).map(|server| server.debian_package).collect();
    if !packages.is_empty() && is_root() && has_apt() {
        install(&packages)?;
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

fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    println!("installing by `apt-get install --no-install-recommends {list}`");
    println!(
        "{POLICY} keeps their services from starting meanwhile; at the next boot they start, unless they are disabled"
    );
    let status = status_of(Command::new("sh").args(["-c", INSTALL, "install.sh", POLICY]).args(packages))?;
    ensure!(status.success(), "installing {list} failed ({status}), see above; {OR}");
    Ok(())
}

fn is_root() -> bool {
    stdout_of(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn has_apt() -> bool {
    stdout_of(Command::new("apt-get").arg("--version")).is_ok()
}
