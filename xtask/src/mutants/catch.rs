//! Builds a test binary of the copy and runs it, for no longer than it may take.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::mutant::{Catcher, Mutant};
use crate::cargo;

/// How long a test binary may run.
const LONGEST: Duration = Duration::from_mins(4);
/// Seeds the simulation runs without any mutant.
const SEEDS_WITHOUT: &str = "300";
/// Seeds within which the simulation must find one.
const SEEDS_WITH: &str = "4000";

/// Where things are built and run.
pub(crate) struct Catch {
    /// The copy.
    pub(crate) workspace: PathBuf,
    /// What is built of it.
    pub(crate) target: PathBuf,
}

/// How a test binary ended.
pub(crate) enum Ending {
    /// All its tests passed.
    Passed,
    /// Some test failed; what it printed.
    Failed(String),
    /// It was ended after [`LONGEST`].
    TooLong,
}

#[derive(Deserialize)]
struct Built {
    executable: Option<PathBuf>,
}

impl Catch {
    /// Runs what is to catch mutants without any, with all the tests they name.
    ///
    /// # Errors
    /// It cannot be built or run, or a test named is not there.
    pub(crate) fn without(&self, catcher: &Catcher, tests: &BTreeSet<&str>) -> Result<Ending, String> {
        let binary = self.build(catcher)?;
        let ending = if catcher.is_simulation() {
            let mut run = self.command(&binary, catcher);
            self.end(run.arg("no_seed_breaks_an_invariant").env("SIM_SEEDS", SEEDS_WITHOUT))?.0
        } else {
            let (ending, output) = self.end(self.command(&binary, catcher).args(tests))?;
            let is_run =
                |test: &&&str| output.lines().any(|line| line.starts_with("test ") && line.contains(**test));
            if let Some(missing) = tests.iter().find(|test| !is_run(test)) {
                return Err(format!("{catcher} has no test {missing}"));
            }
            ending
        };
        Ok(ending)
    }

    /// Runs what is to catch this mutant, which stands in the copy.
    ///
    /// # Errors
    /// It cannot be built or run.
    pub(crate) fn with(&self, mutant: &Mutant) -> Result<Ending, String> {
        let catcher = mutant.catcher();
        let binary = self.build(&catcher)?;
        let mut run = self.command(&binary, &catcher);
        if catcher.is_simulation() {
            let sought: Vec<_> = mutant.breaks().collect();
            run.arg("no_seed_breaks_an_invariant")
                .env("SIM_SEEDS", SEEDS_WITH)
                .env("SIM_SEEK", sought.join(","));
        } else {
            run.args(mutant.breaks());
        }
        Ok(self.end(&mut run)?.0)
    }

    fn build(&self, catcher: &Catcher) -> Result<PathBuf, String> {
        let mut build = Command::new(cargo());
        build.args([
            "test",
            "--locked",
            "--no-run",
            "--quiet",
            "--message-format=json",
            "-p",
            &catcher.package,
        ]);
        match catcher.target.as_str() {
            "lib" => build.arg("--lib"),
            target => build.args(["--test", target]),
        };
        build
            .current_dir(&self.workspace)
            .env("CARGO_TARGET_DIR", &self.target)
            // Nobody debugs it, and it links in half the time.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_TERM_COLOR", "never");
        let made = build.output().map_err(|error| format!("cannot run cargo: {error}"))?;
        let messages = String::from_utf8_lossy(&made.stdout);
        if !made.status.success() {
            let errors = messages.lines().filter_map(rendered).collect::<String>();
            return Err(format!("it does not compile:\n{errors}{}", String::from_utf8_lossy(&made.stderr)));
        }
        let mut binaries =
            messages.lines().filter_map(|line| serde_json::from_str::<Built>(line).ok()?.executable);
        binaries.next_back().ok_or_else(|| format!("cargo built no test binary of {catcher}"))
    }

    fn command(&self, binary: &Path, catcher: &Catcher) -> Command {
        let mut run = Command::new(binary);
        run.current_dir(self.workspace.join(&catcher.package)).env("RUST_BACKTRACE", "0");
        run
    }

    /// Its output goes to a file: a pipe nobody reads would hold it up.
    fn end(&self, run: &mut Command) -> Result<(Ending, String), String> {
        let log = self.target.join("output.txt");
        let cannot = |error: std::io::Error| format!("cannot run the tests: {error}");
        let file = File::create(&log).map_err(cannot)?;
        let errors = file.try_clone().map_err(cannot)?;
        let start = Instant::now();
        let mut child = run.stdin(Stdio::null()).stdout(file).stderr(errors).spawn().map_err(cannot)?;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(cannot)? {
                break status;
            }
            if start.elapsed() > LONGEST {
                child.kill().and_then(|()| child.wait()).map_err(cannot)?;
                return Ok((Ending::TooLong, String::new()));
            }
            sleep(Duration::from_millis(20));
        };
        let output = String::from_utf8_lossy(&fs::read(&log).map_err(cannot)?).into_owned();
        let ending = if status.success() { Ending::Passed } else { Ending::Failed(output.clone()) };
        Ok((ending, output))
    }
}

fn rendered(line: &str) -> Option<String> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_error = message.pointer("/message/level")? == "error";
    message.pointer("/message/rendered")?.as_str().filter(|_| is_error).map(str::to_owned)
}
