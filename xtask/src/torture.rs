//! `cargo xtask torture`: builds the switch with failpoints, and the torture, and runs it.

use std::process::Command;

use super::{cargo, say};

/// Where the builds go, so that their flags throw away nobody else's.
const TARGET: &str = "target/torture";

/// Builds and runs; the arguments are the torture's own.
pub(crate) fn torture(arguments: &[String]) -> Result<(), String> {
    say("building the switch with failpoints");
    let mut build = Command::new(cargo());
    build.args(["build", "--release", "--locked", "--package", "switch", "--package", "torture"]);
    build.env("CARGO_TARGET_DIR", TARGET).env("RUSTFLAGS", "--cfg failpoints");
    // Line tables double the time of linking and are of no use here.
    build.env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    finish(build, "the build")?;
    let mut run = Command::new(format!("{TARGET}/release/torture"));
    run.args(["--switch", &format!("{TARGET}/release/switch")]).args(arguments);
    finish(run, "the torture")
}

fn finish(mut command: Command, what: &str) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("cannot run {what}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what} ended with {status}")) }
}
