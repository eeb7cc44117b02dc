//! The output of `cargo test`, read line by line for the tests that failed.

/// A failed test, or a test program that ended before its tests did.
pub(crate) struct Failed {
    pub(crate) package: String,
    /// `lib`, `doc`, or the target's name.
    pub(crate) target: String,
    /// Absent where the program itself ended.
    pub(crate) path: Option<String>,
    pub(crate) why: String,
}

/// The results in the lines read so far.
#[derive(Default)]
pub(crate) struct Output {
    /// The test program that is running.
    program: Option<Program>,
    /// Path and reason of each test that failed in the programs since cargo last named one.
    unnamed: Vec<(String, String)>,
    pub(crate) failed: Vec<Failed>,
    /// Last error message of cargo itself.
    pub(crate) error: Option<String>,
}

/// A test program, from its `running N tests` on.
struct Program {
    count: usize,
    lines: Vec<String>,
}

const FAILURES: &str = "failures:";

impl Output {
    pub(crate) fn read(&mut self, line: &str) {
        match &mut self.program {
            // A test may print the result of another program: only the program's own counts all of its tests.
            Some(program) if counted(line) == Some(program.count) => {
                self.unnamed.extend(program.failures());
                self.program = None;
            }
            Some(program) if rerun(line).is_none() || program.lines.iter().any(|line| line == FAILURES) => {
                program.lines.push(line.to_owned());
            }
            _ => self.read_between_programs(line),
        }
    }

    fn read_between_programs(&mut self, line: &str) {
        if let Some(count) = line.strip_prefix("running ").and_then(first_number) {
            self.program = Some(Program { count, lines: Vec::new() });
        } else if let Some((package, target)) = rerun(line) {
            self.name(package, target);
        } else if let Some(how) = line.trim_start().strip_prefix("process didn't exit successfully: ")
            && let Some(Failed { path: None, why, .. }) = self.failed.last_mut()
        {
            how.clone_into(why);
        } else if line.starts_with("error: ") || line.starts_with("error[") {
            self.error = Some(line.to_owned());
        }
    }

    /// Names the last program, as cargo prints the name only after a failure.
    fn name(&mut self, package: &str, target: &str) {
        let failed = |path, why| Failed { package: package.to_owned(), target: target.to_owned(), path, why };
        if self.program.take().is_some() || self.unnamed.is_empty() {
            self.failed.push(failed(None, "the test program ended before its tests did".to_owned()));
        }
        self.failed.extend(self.unnamed.drain(..).map(|(path, why)| failed(Some(path), why)));
    }
}

impl Program {
    /// Returns path and reason of each test that failed.
    ///
    /// libtest prints `failures:`, what each of them wrote under a heading, `failures:` again, and their paths.
    fn failures(&self) -> Vec<(String, String)> {
        let first = self.lines.iter().position(|line| line == FAILURES).unwrap_or(self.lines.len());
        let last = self.lines.iter().rposition(|line| line == FAILURES).unwrap_or(self.lines.len());
        let paths: Vec<_> = self.lines.iter().skip(last + 1).map_while(|line| line.strip_prefix("    ")).collect();
        let written = &self.lines[first..last];
        let why = |path: &str| {
            let section = written.iter().skip_while(|line| heading(line) != Some(path)).skip(1);
            why(path, section.take_while(|line| heading(line).is_none_or(|other| !paths.contains(&other))))
        };
        paths.iter().map(|path| ((*path).to_owned(), why(path))).collect()
    }
}

/// Returns the path in the heading above a test's output.
fn heading(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// Returns place and first line of the panic in the test's own thread, else of the last panic, else its first line.
fn why<'a>(path: &str, section: impl Iterator<Item = &'a String>) -> String {
    let lines: Vec<&str> = section.map(String::as_str).filter(|line| !line.trim().is_empty()).collect();
    let panicked = |line: &&str| line.starts_with("thread '") && line.contains(" panicked at ");
    let own = format!("thread '{path}' ");
    let panic = lines.iter().position(|line| line.starts_with(&own) && panicked(line));
    match panic.or_else(|| lines.iter().rposition(panicked)) {
        Some(at) => {
            let place = lines[at].split_once(" panicked at ").map_or("", |(_, place)| place);
            [place, lines.get(at + 1).copied().unwrap_or_default()].join(" ")
        }
        None => lines.first().map_or("it wrote nothing", |line| line.trim()).to_owned(),
    }
}

/// The package and the target of ``error: test failed, to rerun pass `-p weifen-proto --test it` ``.
fn rerun(line: &str) -> Option<(&str, &str)> {
    let (what, selection) = line.strip_suffix('`')?.split_once(" failed, to rerun pass `-p ")?;
    let words: Vec<_> = selection.split(' ').collect();
    match words.as_slice() {
        [package, kind] if what.starts_with("error: ") => Some((package, kind.trim_start_matches('-'))),
        [package, _, target] if what.starts_with("error: ") => Some((package, target)),
        _ => None,
    }
}

/// Number of tests that `test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; …` counts.
fn counted(line: &str) -> Option<usize> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    counts.split("; ").take(4).map(first_number).sum()
}

fn first_number(words: &str) -> Option<usize> {
    words.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Output;

    /// Returns target, path and reason of each failure.
    fn read(text: &str) -> Vec<(String, Option<String>, String)> {
        let mut output = Output::default();
        text.lines().for_each(|line| output.read(line));
        let named = output.failed.into_iter().map(|test| (test.package + " " + &test.target, test.path, test.why));
        named.collect()
    }

    #[test]
    fn a_test_is_named_with_the_panic_of_its_own_thread() {
        let text = "\
running 3 tests
test fine ... ok
test a::one ... FAILED
test a::two ... FAILED

failures:

---- a::one stdout ----

thread '<unnamed>' (7) panicked at src/other.rs:1:2:
elsewhere

thread 'a::one' (6) panicked at tests/it/a.rs:3:5:
assertion `left == right` failed: no
  left: 1

---- a::two stdout ----
Error: Refused


failures:
    a::one
    a::two

test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0.00s

error: test failed, to rerun pass `-p weifen-proto --test it`
";
        let named = |path: &str, why: &str| ("weifen-proto it".to_owned(), Some(path.to_owned()), why.to_owned());
        let one = named("a::one", "tests/it/a.rs:3:5: assertion `left == right` failed: no");
        assert_eq!(read(text), [one, named("a::two", "Error: Refused")]);
    }

    #[test]
    fn what_a_failed_test_quotes_of_another_run_is_not_taken_for_this_one() {
        let text = "\
running 2 tests
test fine ... ok
test outer ... FAILED

failures:

---- outer stdout ----

thread 'outer' (1) panicked at src/main.rs:9:9:
it printed
running 1 test
test inner ... FAILED

failures:

---- inner stdout ----
thread 'inner' (2) panicked at src/inner.rs:1:1:
inner

failures:
    inner

test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: test failed, to rerun pass `-p inner --lib`


failures:
    outer

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: test failed, to rerun pass `-p xtask --bin xtask`
";
        let outer = ("xtask xtask".to_owned(), Some("outer".to_owned()), "src/main.rs:9:9: it printed".to_owned());
        assert_eq!(read(text), [outer]);
    }

    #[test]
    fn a_test_program_that_a_signal_ends_is_a_failure_of_its_own() {
        let text = "\
running 2 tests
test fine ... ok
error: test failed, to rerun pass `-p weifen-sign --lib`

Caused by:
  process didn't exit successfully: `target/debug/deps/weifen_sign-1` (signal: 6, SIGABRT: process abort signal)

running 1 test
test fine ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";
        let how = "`target/debug/deps/weifen_sign-1` (signal: 6, SIGABRT: process abort signal)";
        assert_eq!(read(text), [("weifen-sign lib".to_owned(), None, how.to_owned())]);
    }
}
