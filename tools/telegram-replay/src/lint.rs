//! Layout files checked: every finding at once, and on request what is only assumed.

use std::path::{Path, PathBuf};

use specs::Findings;

use crate::layout::Layout;

/// What was found about one layout file.
#[derive(Debug, Clone)]
pub struct Linted {
    /// The file.
    pub file: PathBuf,
    /// The layout, or everything that is wrong with it.
    pub outcome: Result<Sound, Findings>,
}

/// A layout file without findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Its name.
    pub name: String,
    /// Length of the record in bytes.
    pub length: usize,
    /// How many fields it has, groups and repeats expanded.
    pub fields: usize,
    /// Fields whose source is silent, with the reason for our guess.
    pub assumed: Vec<(String, String)>,
}

/// Checks layout files; of a folder, every `.toml` in it, in the order of names.
///
/// # Errors
/// A folder that cannot be listed. What is wrong with a file is a finding.
pub fn lint(paths: &[PathBuf]) -> std::io::Result<Vec<Linted>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(layout_files(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files.into_iter().map(check).collect())
}

fn layout_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn check(file: PathBuf) -> Linted {
    let outcome = Layout::read(&file).map(|layout| Sound {
        name: layout.name().to_owned(),
        length: layout.length(),
        fields: layout.fields().len(),
        assumed: layout
            .fields()
            .iter()
            .filter_map(|field| Some((field.path.clone(), field.assumed.clone()?)))
            .collect(),
    });
    Linted { file, outcome }
}
