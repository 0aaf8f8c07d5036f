//! A store's file, held for one engine by whatever name it is asked for.

use std::{
    collections::BTreeSet,
    fs::{self, File, Metadata, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::files;
use crate::StoreError;

/// The file of a store, made where it is missing, and held for one engine as long as this lives. Nothing in it has been read or written yet.
///
/// Two locks hold it. One is on the file itself, whatever path leads to it (a symbolic link, a hard link, a mount); SQLite's own are of another kind (`fcntl`) and do
/// not meet it. The other is on `<file>.lock`, for SQLite finds the write-ahead log by the name: where somebody put another file in the place of one that is in use,
/// whoever opens that would meet the log of the first.
#[derive(Debug)]
pub struct SqliteFile {
    /// Without symbolic links: the log stands beside it.
    path: PathBuf,
    _name: File,
    _file: Held,
}

impl SqliteFile {
    /// Makes directory (0700) and file (0600) where they are missing, and holds the file.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while anybody else holds it, by this name or another; [`StoreError::Open`] when it cannot be made or opened, or when it has several names
    /// (hard links), of which the log goes by one alone.
    pub fn hold(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let named = path.as_ref();
        hold(named).map_err(|refused| match refused {
            Refused::InUse => StoreError::InUse { path: named.to_owned() },
            Refused::Io(cause) => StoreError::Open { path: named.to_owned(), cause: cause.into() },
            Refused::Names(count) => {
                let why = format!(
                    "it has {count} names (hard links), and its write-ahead log is found by one of them alone: remove the others"
                );
                StoreError::Open { path: named.to_owned(), cause: why.into() }
            }
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

enum Refused {
    InUse,
    Io(io::Error),
    Names(u64),
}

impl From<io::Error> for Refused {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

fn hold(named: &Path) -> Result<SqliteFile, Refused> {
    files::make_directory_of(named)?;
    let file = Held::take(named)?;
    let path = fs::canonicalize(named)?;
    let name = files::private_file(&lock_path(&path))?;
    lock(&name)?;
    match file.file.metadata()?.nlink() {
        0 | 1 => Ok(SqliteFile { path, _name: name, _file: file }),
        count => Err(Refused::Names(count)),
    }
}

/// The locked file. Fields in the order of their end.
#[derive(Debug)]
struct Held {
    file: File,
    _noted: Noted,
}

impl Held {
    fn take(path: &Path) -> Result<Self, Refused> {
        let mut held = all_held();
        if fs::metadata(path).is_ok_and(|found| held.contains(&Inode::of(&found))) {
            return Err(Refused::InUse);
        }
        let file = files::private_file(path)?;
        lock(&file)?;
        let inode = Inode::of(&file.metadata()?);
        held.insert(inode);
        Ok(Self { file, _noted: Noted(inode) })
    }
}

/// The files this process holds. Whoever closes a descriptor of one, be it only the one by which he found it locked, takes from SQLite all locks that it has on the file in
/// this process. So a second engine here is refused before it opens the file, and the descriptor that is held is older than SQLite's and closed after them.
static HELD: Mutex<BTreeSet<Inode>> = Mutex::new(BTreeSet::new());

fn all_held() -> MutexGuard<'static, BTreeSet<Inode>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Inode {
    device: u64,
    number: u64,
}

impl Inode {
    fn of(found: &Metadata) -> Self {
        Self { device: found.dev(), number: found.ino() }
    }
}

/// An inode among those held, until this is dropped.
#[derive(Debug)]
struct Noted(Inode);

impl Drop for Noted {
    fn drop(&mut self) {
        all_held().remove(&self.0);
    }
}

fn lock(file: &File) -> Result<(), Refused> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Refused::InUse,
        TryLockError::Error(cause) => Refused::Io(cause),
    })
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}
