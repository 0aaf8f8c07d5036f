//! Lists `layouts/*.toml` and `samples/*.capture`, so that an installed binary carries them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut code = table("LAYOUTS", &crate_dir.join("layouts"), "toml")?;
    code.push_str(&table("SAMPLES", &crate_dir.join("samples"), "capture")?);
    fs::write(out_dir.join("embedded.rs"), code)
}

/// A sorted table of (file stem, file content); empty when the folder is empty or absent.
fn table(name: &str, folder: &Path, extension: &str) -> io::Result<String> {
    // A folder that is absent would count as changed at every build; its parent shows when it appears.
    let watched = if folder.is_dir() { folder } else { folder.parent().unwrap_or(folder) };
    println!("cargo::rerun-if-changed={}", watched.display());
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut code = format!("static {name}: &[(&str, &str)] = &[\n");
    for path in &files {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let path = path.to_str().ok_or_else(|| io::Error::other("the checkout's path is not UTF-8"))?;
        writeln!(code, "    ({stem:?}, include_str!({path:?})),").expect("a String takes every write");
    }
    code.push_str("];\n");
    Ok(code)
}
