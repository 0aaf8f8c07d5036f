//! How often the disk can sync, which the store waits for.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

/// Bytes of one append: a page of the database.
pub(crate) const PAGE: usize = 4096;
/// How long the disk is asked each time.
const WHILE: Duration = Duration::from_millis(50);

/// A file beside the store.
pub(crate) struct Disk {
    file: File,
}

impl Disk {
    pub(crate) fn of(folder: &Path) -> Self {
        Self { file: tempfile::tempfile_in(folder).expect("the folder can be written to") }
    }

    /// Appends one after the other, each synced, and the seconds one of them takes.
    pub(crate) fn seconds_of_a_sync(&mut self) -> f64 {
        let begin = Instant::now();
        let mut syncs = 0;
        while begin.elapsed() < WHILE {
            self.file.write_all(&[b'x'; PAGE]).expect("the disk has room");
            self.file.sync_data().expect("the disk can sync");
            syncs += 1;
        }
        begin.elapsed().as_secs_f64() / f64::from(syncs)
    }
}
