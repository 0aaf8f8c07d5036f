//! What is measured of the codec: every layout, every operation, ours and the peers'.
//!
//! The peers are other crates that read or write fixed-width records, and two forms written by hand. Each is used as its documentation
//! teaches, in the best reasonable form of it, and reads the same fields to the same kinds of values; a test compares the values
//! and the bytes. None of them checks as much as ours: see each module's page.
//!
//! Telegrams come out of a set of different ones, in turn: eight that stay in the first-level cache, or as many as fill
//! [`STREAMED_BYTES`], more than the last-level cache holds. Every read and written value goes through a black box, and is dropped: ours wipes
//! its secrets then, which the peers do not.

mod layouts;
mod ours;
mod peers;
mod plain;
mod samples;
mod value;

use std::hint::black_box;
use std::rc::Rc;
use std::{iter, slice};

use ours::Measured as _;
use samples::Telegrams;

pub use value::{Value, Values};

/// Telegrams in a row that no cache holds: 64 MiB.
pub const STREAMED_BYTES: usize = 64 << 20;

/// Who is measured as the baseline: a copy of the telegram's bytes. In the cache they go into one buffer again and again; from memory, each telegram goes to
/// its own place in memory, as when all are kept.
pub const BASELINE: &str = "memcpy";

/// The other copy of telegrams from memory: into one buffer again and again, so that they are read from memory and nothing is written to it.
pub const READING_BASELINE: &str = "memcpy into one buffer";

/// Who is measured against all others.
pub const OURS: &str = "codec";

/// One measured thing.
pub struct Case {
    /// The layout, as its file is called.
    pub layout: &'static str,
    /// Where the telegrams come from.
    pub source: Source,
    /// What is done to each.
    pub operation: Operation,
    /// Whose code does it.
    pub who: &'static str,
    /// Bytes of one telegram.
    pub length: usize,
    run: Box<dyn FnMut(usize)>,
    proof: Proof,
}

/// Where the telegrams of a case come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A few, again and again.
    Cache,
    /// [`STREAMED_BYTES`] of them, so that each comes from memory.
    Memory,
}

/// What a case does to a telegram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// The bytes are copied.
    Copy,
    /// The whole telegram is validated in place; nothing is read.
    View,
    /// Every field is read into a value.
    Eager,
    /// Every field is written, constants and padding too.
    Encode,
    /// The telegram is taken off a receive buffer, into which its frame was copied.
    Unframe,
    /// The telegram is appended to a send buffer with its frame.
    Frame,
}

impl Operation {
    /// The name that tables show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::View => "view",
            Self::Eager => "eager",
            Self::Encode => "encode",
            Self::Unframe => "unframe",
            Self::Frame => "frame",
        }
    }
}

/// What shows that a case does what it says.
enum Proof {
    /// What was read of each telegram.
    Reads(Box<dyn Fn() -> Vec<Values>>),
    /// What was written for each.
    Writes(Box<dyn Fn() -> Vec<Vec<u8>>>),
    /// That it accepts each.
    Accepts(Box<dyn Fn() -> bool>),
}

impl Case {
    /// Does it `telegrams` times.
    pub fn run(&mut self, telegrams: usize) {
        (self.run)(telegrams);
    }

    /// `layout/operation/who`, or `layout from memory/operation/who`.
    pub fn name(&self) -> String {
        let from = match self.source {
            Source::Cache => "",
            Source::Memory => " from memory",
        };
        format!("{}{from}/{}/{}", self.layout, self.operation.name(), self.who)
    }

    fn new(
        telegrams: &Telegrams,
        operation: Operation,
        who: &'static str,
        proof: Proof,
        run: Box<dyn FnMut(usize)>,
    ) -> Self {
        Self {
            layout: telegrams.layout,
            source: telegrams.source,
            operation,
            who,
            length: telegrams.length,
            run,
            proof,
        }
    }
}

/// All cases over telegrams that stay in the cache.
pub fn in_cache() -> Vec<Case> {
    let card450 = ours::Card450::telegrams(Source::Cache);
    let kovan = ours::Kovan::telegrams(Source::Cache);
    let wide = ours::Wide::telegrams(Source::Cache);
    [
        ours::Card450::cases(&card450),
        peers::card450(&card450),
        ours::Kovan::cases(&kovan),
        peers::kovan(&kovan),
        ours::Wide::cases(&wide),
        peers::wide(&wide),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Copy, view and eager decoding of telegrams that come from memory.
pub fn from_memory() -> Vec<Case> {
    let card450 = ours::Card450::telegrams(Source::Memory);
    let kovan = ours::Kovan::telegrams(Source::Memory);
    let wide = ours::Wide::telegrams(Source::Memory);
    let cases = [ours::Card450::cases(&card450), ours::Kovan::cases(&kovan), ours::Wide::cases(&wide)];
    let streamed =
        |case: &Case| matches!(case.operation, Operation::Copy | Operation::View | Operation::Eager);
    cases.into_iter().flatten().filter(streamed).collect()
}

/// Every case gives the same values for the same telegrams, or writes the same bytes, as ours.
///
/// # Errors
/// The cases that do not, and in what.
pub fn check(cases: &[Case]) -> Result<(), String> {
    let mut findings = Vec::new();
    for case in cases {
        let ours = || {
            cases.iter().find(|other| {
                other.layout == case.layout && other.who == OURS && other.operation == case.operation
            })
        };
        let same = match (&case.proof, ours().map(|ours| &ours.proof)) {
            (Proof::Reads(theirs), Some(Proof::Reads(ours))) => compare_values(&ours(), &theirs()),
            (Proof::Writes(theirs), Some(Proof::Writes(ours))) => compare_bytes(&ours(), &theirs()),
            (Proof::Accepts(accepts), _) => {
                if accepts() {
                    Ok(())
                } else {
                    Err("a telegram is refused".to_owned())
                }
            }
            (Proof::Reads(_) | Proof::Writes(_), _) => Err("there is nothing to compare it with".to_owned()),
        };
        if let Err(why) = same {
            findings.push(format!("{}: {why}", case.name()));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
}

fn compare_values(ours: &[Values], theirs: &[Values]) -> Result<(), String> {
    if ours.len() != theirs.len() {
        return Err(format!("expected {} telegrams, found {}", ours.len(), theirs.len()));
    }
    for (ours, theirs) in ours.iter().zip(theirs) {
        for (name, expected) in ours {
            let found = theirs.iter().find(|(other, _)| other == name).map(|(_, value)| value);
            if found != Some(expected) {
                return Err(format!("field \"{name}\": expected {expected:?}, found {found:?}"));
            }
        }
    }
    Ok(())
}

fn compare_bytes(ours: &[Vec<u8>], theirs: &[Vec<u8>]) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err("other bytes than ours are written".to_owned()) }
}

/// A case that does something to each telegram's bytes and drops what it gets.
fn reading(
    telegrams: &Telegrams,
    operation: Operation,
    who: &'static str,
    proof: Proof,
    mut read: impl FnMut(&[u8]) + 'static,
) -> Case {
    let turn = telegrams.clone();
    let run = move |count| turn.for_each(count, |bytes| read(black_box(bytes)));
    Case::new(telegrams, operation, who, proof, Box::new(run))
}

/// A case that writes each of some records into a buffer that is there.
fn writing<R: 'static>(
    telegrams: &Telegrams,
    who: &'static str,
    records: Vec<R>,
    write: impl Fn(&R, &mut [u8]) + Copy + 'static,
) -> Case {
    let length = telegrams.length;
    let mut place = Place::new(length);
    let written = move |record: &R| {
        let mut out = vec![0; length];
        write(record, &mut out);
        out
    };
    each_record(telegrams, who, records, written, move |records| {
        let out = place.next();
        for record in records {
            write(black_box(record), out);
            black_box(&mut *out);
        }
    })
}

/// A case that writes each of some records into a buffer that it makes.
fn making<R: 'static>(
    telegrams: &Telegrams,
    who: &'static str,
    records: Vec<R>,
    make: impl Fn(&R) -> Vec<u8> + Copy + 'static,
) -> Case {
    each_record(telegrams, who, records, make, move |records| {
        for record in records {
            black_box(make(black_box(record)));
        }
    })
}

/// A case of some records in turn.
fn each_record<R: 'static>(
    telegrams: &Telegrams,
    who: &'static str,
    records: Vec<R>,
    written: impl Fn(&R) -> Vec<u8> + 'static,
    mut run: impl FnMut(iter::Take<iter::Cycle<slice::Iter<'_, R>>>) + 'static,
) -> Case {
    let records = Rc::new(records);
    let proven = Rc::clone(&records);
    let proof = Proof::Writes(Box::new(move || proven.iter().map(&written).collect()));
    let run = move |count| run(records.iter().cycle().take(count));
    Case::new(telegrams, Operation::Encode, who, proof, Box::new(run))
}

/// Where telegrams are written: a buffer that stands elsewhere in its page at each run. A place that meets the end of a page is slow, and another process would have
/// another place.
struct Place {
    room: Vec<u8>,
    at: usize,
    length: usize,
}

impl Place {
    fn new(length: usize) -> Self {
        Self { room: vec![0; PAGE + length], at: 0, length }
    }

    fn next(&mut self) -> &mut [u8] {
        self.at = (self.at + NEXT_PLACE) % PAGE;
        &mut self.room[self.at..self.at + self.length]
    }
}

/// Bytes of a page.
const PAGE: usize = 4096;

/// From one place to the next: aligned as an allocation is, and no divisor of a page.
const NEXT_PLACE: usize = 41 * 16;
