//! `cargo xtask supply`: checks the dependencies that come in, and the packages that go out.

mod msrv;
mod packages;
mod tools;

use crate::check::Step;

pub(crate) const STEPS: [Step; 7] = [
    Step { name: "deny", check: tools::deny },
    Step { name: "msrv", check: msrv::check },
    Step { name: "contents", check: packages::contents },
    Step { name: "powerset", check: tools::powerset },
    Step { name: "facade", check: tools::facade },
    Step { name: "semver", check: tools::semver },
    Step { name: "packages", check: packages::build },
];
