//! Planted bugs: each file of `mutants/` switches one rule off in a copy of the workspace, and what is to catch it must fail by name.

mod catch;
mod copy;
mod mutant;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use self::catch::{Catch, Ending};
use self::copy::Copy;
use self::mutant::Mutant;
use crate::say;

/// Which mutants are to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice<'a> {
    /// All of them.
    All,
    /// Those that every run of the tests tries.
    Short,
    /// The one of this name.
    Only(&'a str),
}

/// Tries the chosen mutants, after all that is to catch them has passed without any.
///
/// # Errors
/// Which mutants survived, and which files no longer fit the sources.
pub(crate) fn run(root: &Path, choice: Choice<'_>) -> Result<(), String> {
    let start = Instant::now();
    let mutants = chosen(Mutant::all(&root.join("mutants"))?, choice)?;
    let misfits: Vec<_> = mutants.iter().filter_map(|mutant| mutant.misfit(root).err()).collect();
    if !misfits.is_empty() {
        return Err(format!("repair these:\n  {}", misfits.join("\n  ")));
    }
    let folder = root.join("target").join("mutants");
    let copy = Copy::of(root, folder.join("src"))?;
    let catch = Catch { workspace: copy.root().to_owned(), target: folder.join("target") };
    passes_without_any(&catch, &mutants)?;
    let survivors: Vec<_> =
        mutants.iter().filter_map(|mutant| try_one(&copy, &catch, mutant).err()).collect();
    if !survivors.is_empty() {
        return Err(format!(
            "{} of {} not caught:\n  {}",
            survivors.len(),
            mutants.len(),
            survivors.join("\n  ")
        ));
    }
    say(&format!("all {} mutants are caught ({} s)", mutants.len(), start.elapsed().as_secs()));
    Ok(())
}

fn chosen(mutants: Vec<Mutant>, choice: Choice<'_>) -> Result<Vec<Mutant>, String> {
    let is_chosen = |mutant: &Mutant| match choice {
        Choice::All => true,
        Choice::Short => mutant.is_short(),
        Choice::Only(name) => mutant.name == name,
    };
    let all: Vec<_> = mutants.iter().map(|mutant| mutant.name.clone()).collect();
    let chosen: Vec<_> = mutants.into_iter().filter(is_chosen).collect();
    if chosen.is_empty() {
        return Err(format!("no such mutant; there are {}", all.join(", ")));
    }
    Ok(chosen)
}

/// A test that fails anyway proves nothing of a mutant.
fn passes_without_any(catch: &Catch, mutants: &[Mutant]) -> Result<(), String> {
    let catchers: BTreeSet<_> = mutants.iter().map(Mutant::catcher).collect();
    for catcher in catchers {
        let named = mutants.iter().filter(|mutant| mutant.catcher() == catcher);
        let tests: BTreeSet<&str> = named.flat_map(Mutant::breaks).collect();
        let start = Instant::now();
        match catch.without(&catcher, &tests)? {
            Ending::Passed => say(&format!(
                "{:<44} passes without any ({} s)",
                catcher.to_string(),
                start.elapsed().as_secs()
            )),
            Ending::Failed(output) => return Err(format!("{catcher} fails without any mutant:\n{output}")),
            Ending::TooLong => return Err(format!("{catcher} does not end without any mutant")),
        }
    }
    Ok(())
}

/// # Errors
/// In a line: the mutant survived, or could not be tried.
fn try_one(copy: &Copy, catch: &Catch, mutant: &Mutant) -> Result<(), String> {
    let start = Instant::now();
    let file: PathBuf = copy.root().join(&mutant.file);
    let source = mutant.spoil(copy.root())?;
    copy::write(&file, &source.spoilt)?;
    let ending = catch.with(mutant);
    copy::write(&file, &source.sound)?;
    let seconds = start.elapsed().as_secs();
    let of = |what: &str| format!("mutants/{}.toml ({}): {what}", mutant.name, mutant.rule);
    let caught = match ending.map_err(|why| of(&why))? {
        Ending::Failed(output) => mutant.names_found(&output),
        Ending::Passed => return Err(of(&format!("{} passes", mutant.catcher()))),
        Ending::TooLong => return Err(of(&format!("{} does not end", mutant.catcher()))),
    };
    let missing: Vec<_> = mutant.breaks().filter(|name| !caught.contains(name)).collect();
    if !missing.is_empty() {
        return Err(of(&format!("{} fails, but not with {}", mutant.catcher(), missing.join(", "))));
    }
    say(&format!("{:<44} caught by {} ({seconds} s)", mutant.name, caught.join(", ")));
    Ok(())
}
