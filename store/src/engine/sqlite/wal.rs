//! Refuses a write-ahead log that was damaged where it had been synced.
//!
//! SQLite takes the first frame whose checksum fails for the end of the log, which is right after a crash in the midst of a commit and
//! wrong after damage: it would silently forget every commit behind it. The two can be told apart, because a commit is begun
//! only after the one before it was synced: frames of this log behind a whole commit prove that all before them had been there.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use crate::StoreError;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const MAGIC_LITTLE_ENDIAN: u32 = 0x377f_0682;
const MAGIC_BIG_ENDIAN: u32 = 0x377f_0683;

/// Checks the log beside the database, which nobody may have open.
pub(super) fn check(path: &Path) -> Result<(), StoreError> {
    let damaged = match File::open(log_path(path)) {
        Ok(file) => damage(BufReader::with_capacity(1 << 20, file)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => Err(cause),
    };
    match damaged {
        Ok(None) => Ok(()),
        Ok(Some(frame)) => Err(StoreError::Damaged { path: path.to_owned(), frame }),
        Err(cause) => Err(StoreError::Open { path: path.to_owned(), cause: cause.into() }),
    }
}

fn log_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// The first frame, from 1, that is broken though commits behind it were begun; 0 is the header of the log.
fn damage(mut log: impl Read) -> io::Result<Option<u64>> {
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(None);
    }
    let Some(mut chain) = Chain::of(&header) else {
        // Nothing is written behind a header that is not synced.
        return Ok((fill(&mut log, &mut [0; FRAME_HEADER])?).then_some(0));
    };
    let mut frame = vec![0; FRAME_HEADER + chain.page_bytes];
    let (mut broken, mut commit_behind) = (None, false);
    let mut number = 0;
    while fill(&mut log, &mut frame)? {
        number += 1;
        let ours = frame[8..16] == chain.salts;
        if broken.is_none() && !(ours && chain.continues(&frame)) {
            broken = Some(number);
        }
        if broken.is_some() && ours {
            if commit_behind {
                return Ok(broken);
            }
            commit_behind = word(&frame, 4) != 0;
        }
    }
    Ok(None)
}

/// What a frame has to continue.
struct Chain {
    page_bytes: usize,
    salts: [u8; 8],
    little_endian: bool,
    sums: (u32, u32),
}

impl Chain {
    fn of(header: &[u8; HEADER]) -> Option<Self> {
        let little_endian = match word(header, 0) {
            MAGIC_LITTLE_ENDIAN => true,
            MAGIC_BIG_ENDIAN => false,
            _ => return None,
        };
        let page_bytes = usize::try_from(word(header, 8)).ok()?;
        let salts = header[16..24].try_into().ok()?;
        let mut chain = Self { page_bytes, salts, little_endian, sums: (0, 0) };
        chain.add(&header[..24]);
        let sane = page_bytes.is_power_of_two() && (512..=65_536).contains(&page_bytes);
        (sane && chain.sums == (word(header, 24), word(header, 28))).then_some(chain)
    }

    fn continues(&mut self, frame: &[u8]) -> bool {
        self.add(&frame[..8]);
        self.add(&frame[FRAME_HEADER..]);
        self.sums == (word(frame, 16), word(frame, 20))
    }

    fn add(&mut self, bytes: &[u8]) {
        let read = if self.little_endian { u32::from_le_bytes } else { u32::from_be_bytes };
        let (pairs, _) = bytes.as_chunks::<8>();
        for [a, b, c, d, e, f, g, h] in pairs {
            self.sums.0 = self.sums.0.wrapping_add(read([*a, *b, *c, *d])).wrapping_add(self.sums.1);
            self.sums.1 = self.sums.1.wrapping_add(read([*e, *f, *g, *h])).wrapping_add(self.sums.0);
        }
    }
}

/// The big-endian word at an offset that is there.
fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Whether the whole buffer could be filled.
fn fill(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(cause) => Err(cause),
    }
}
