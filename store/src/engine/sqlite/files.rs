//! The files of a store: made private, held by one engine, synced with their directory.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crate::StoreError;

/// Makes what is missing, and takes the lock `<path>.lock`, which is held as long as the file returned is open.
pub(super) fn take(path: &Path) -> Result<File, StoreError> {
    let open = |cause: io::Error| StoreError::Open { path: path.to_owned(), cause: cause.into() };
    make_directory(directory(path)).map_err(open)?;
    let lock = private_file(&lock_path(path)).map_err(open)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(cause)) => return Err(open(cause)),
    }
    private_file(path).map_err(open)?;
    Ok(lock)
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

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
