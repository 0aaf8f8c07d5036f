//! A copy of the workspace's sources, so that nothing planted ever stands in the workspace itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The copy. What is the same as before is left untouched, so that it is not built again.
pub(crate) struct Copy {
    root: PathBuf,
}

impl Copy {
    /// Brings the copy in `to` up to date with the sources at `root`.
    ///
    /// # Errors
    /// Names the folder that cannot be copied.
    pub(crate) fn of(root: &Path, to: PathBuf) -> Result<Self, String> {
        same(root, &to).map_err(|error| format!("cannot copy the workspace to {}: {error}", to.display()))?;
        Ok(Self { root: to })
    }

    /// Where it stands.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

/// Writes a file of the copy.
///
/// # Errors
/// Names the file.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

fn same(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let mut kept = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_copied = name == ".cargo" || !(name == "target" || name.to_string_lossy().starts_with('.'));
        if !is_copied {
            continue;
        }
        let (source, copy) = (entry.path(), to.join(&name));
        if entry.file_type()?.is_dir() {
            same(&source, &copy)?;
        } else {
            let content = fs::read(&source)?;
            if !fs::read(&copy).is_ok_and(|copied| copied == content) {
                fs::write(&copy, content)?;
            }
        }
        kept.push(name);
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if kept.contains(&entry.file_name()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
