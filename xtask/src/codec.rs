//! The codec's table of ratios.

use std::process::{Command, Stdio};

use crate::{cargo, run};

/// Counts allocations in one program and measures in another, because counting would slow those who allocate.
///
/// # Errors
/// A bench fails or, when asked to check, an aim is missed.
pub(crate) fn bench(check: bool) -> Result<(), String> {
    run(&["bench", "-p", "benches", "--bench", "codec_allocations", "--bench", "codec_ratios", "--no-run"])?;
    let mut counting = Command::new(cargo())
        .args(["bench", "-p", "benches", "--bench", "codec_allocations"])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let counts = counting.stdout.take().expect("it is piped");
    let mut ratios = Command::new(cargo());
    ratios.args(["bench", "-p", "benches", "--bench", "codec_ratios", "--", "--allocations"]);
    if check {
        ratios.arg("--check");
    }
    let measured = ratios.stdin(counts).status();
    let counted = counting.wait().map_err(|error| format!("cannot wait for cargo: {error}"))?;
    if !counted.success() {
        return Err("the codec allocates, or its cases could not be built".to_owned());
    }
    if !measured.map_err(|error| format!("cannot run cargo: {error}"))?.success() {
        return Err(if check { "an aim is missed" } else { "the cases could not be measured" }.to_owned());
    }
    Ok(())
}
