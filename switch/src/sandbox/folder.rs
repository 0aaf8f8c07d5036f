//! The folder of store, keys and configuration.

use std::{
    io,
    path::{Path, PathBuf},
};

/// The folder of store, keys and configuration.
pub(super) enum Folder {
    Given(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Folder {
    pub(super) fn of(given: Option<&Path>) -> io::Result<Self> {
        match given {
            Some(path) => std::fs::create_dir_all(path).map(|()| Self::Given(path.to_owned())),
            None => tempfile::Builder::new().prefix("telegram-switch-").tempdir().map(Self::Temporary),
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    pub(super) fn close(self) {
        if let Self::Temporary(folder) = self {
            // What cannot be removed is left to the system's cleaning of temporary files.
            let _ = folder.close();
        }
    }
}
