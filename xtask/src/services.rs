//! What tests need of the machine: servers, and the right to mount a file system. It is found, installed, or left out
//! together with those tests.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use xtask_services::{Missing, Postgres, Program, Redis, SmallDisk};

use crate::cargo::{Metadata, Package, status_of, stdout_of};
use crate::files;

/// The library that starts them: a package whose tests need a server has it among its dev-dependencies.
pub(crate) const LIBRARY: &str = "xtask-services";

const INSTALL: &str = include_str!("services/install.sh");
/// What Debian's packages ask before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// What a person can do who can't install anything.
const OR: &str = "`cargo xtask test --no-services` leaves out the tests that need it";

/// The module of the tests that mount a file system of their own.
const MOUNT: &str = "needs_mount::";

/// What some tests need. They stand in a module that says so.
pub(crate) enum Need {
    Server(Service),
    Mount,
}

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

static NEEDS: [Need; 3] = [
    Need::Server(Service {
        program: Redis::SERVER,
        module: "needs_redis::",
        settings: &[],
        afterwards: "`systemctl disable redis-server` does at the next boot",
    }),
    Need::Server(Service {
        program: Postgres::SERVER,
        module: "needs_postgres::",
        settings: &["postgresql-common", "/etc/postgresql-common/createcluster.conf", "create_main_cluster = false"],
        afterwards: "later it has no cluster to run",
    }),
    Need::Mount,
];

impl Need {
    fn module(&self) -> &'static str {
        match self {
            Self::Server(service) => service.module,
            Self::Mount => MOUNT,
        }
    }
}

/// What tests of these packages need; no package named means all.
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
    let is_named = |need: &&Need| sources.contains(&format!("mod {}", need.module().trim_end_matches(':')));
    Ok(NEEDS.iter().filter(is_named).collect())
}

/// Tests that are left out.
pub(crate) struct LeftOut {
    pub(crate) why: String,
    /// The modules that they stand in.
    pub(crate) modules: Vec<&'static str>,
}

/// Sees to it that this machine has what tests need: the program of each server, unless those are left out, and the
/// right to mount a file system.
///
/// # Errors
///
/// A server is not there and can't be installed; all such are named.
pub(crate) fn provide(needed: &[&Need], without_servers: bool) -> Result<Vec<LeftOut>> {
    let servers =
        || needed.iter().filter_map(|need| if let Need::Server(service) = need { Some(service) } else { None });
    let mut left_out = Vec::new();
    if without_servers {
        let modules = servers().map(|service| service.module).collect();
        left_out.push(LeftOut { why: "--no-services".to_owned(), modules });
    } else {
        provide_servers(servers())?;
    }
    if needed.iter().any(|need| matches!(need, Need::Mount))
        && let Err(error) = SmallDisk::mount()
    {
        let why = format!("no right to mount a file system ({error}; root has it)");
        left_out.push(LeftOut { why, modules: vec![MOUNT] });
    }
    Ok(left_out)
}

fn provide_servers<'a>(services: impl Iterator<Item = &'a Service>) -> Result<()> {
    let mut missing = Vec::new();
    for service in services {
        match found_or_installed(service) {
            Ok(path) => println!("{}: {}", service.program.name, path.display()),
            Err(why) => missing.push(format!("{why:#}")),
        }
    }
    if !missing.is_empty() {
        bail!("{}; {OR}", missing.join("\n"));
    }
    Ok(())
}

fn found_or_installed(service: &Service) -> Result<PathBuf> {
    let missing = match service.program.find() {
        Ok(path) => return Ok(path),
        Err(missing) => missing,
    };
    if !matches!(missing, Missing::Nowhere(_)) {
        return Err(missing.into());
    }
    if let Err(why) = install(service) {
        bail!("{missing} ({why:#})");
    }
    service.program.find().context("what was installed will not do")
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
