//! The files of a store: made private, synced with their directory.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use crate::StoreError;

/// Makes the directory of a file, and those above it, where they are missing.
pub(super) fn make_directory_of(path: &Path) -> io::Result<()> {
    make_directory(directory(path))
}

/// Opens a file for reading and writing, and makes it its owner's alone where it is missing.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Makes the names of new files durable.
pub(super) fn sync_directory(path: &Path) -> Result<(), StoreError> {
    let open = |cause: io::Error| StoreError::Open { path: path.to_owned(), cause: cause.into() };
    sync(directory(path)).map_err(open)
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

fn make_directory(path: &Path) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    let parent = directory(path);
    make_directory(parent)?;
    DirBuilder::new().mode(0o700).create(path)?;
    sync(parent)
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
