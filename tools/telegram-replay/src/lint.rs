//! Layout files checked: every finding at once, and what is lenient or only assumed.

use std::fmt;
use std::path::{Path, PathBuf};

use specs::{Finding, Findings, Layout, Leniency, Rule};

/// What was found about one layout file.
#[derive(Debug, Clone)]
pub struct Linted {
    /// The file.
    pub file: PathBuf,
    /// The layout, or everything that is wrong with it.
    pub outcome: Result<Sound, Findings>,
}

impl Linted {
    /// Why there was nothing to check: the file itself cannot be read.
    pub fn unreadable(&self) -> Option<&Finding> {
        let findings = &self.outcome.as_ref().err()?.0;
        // That of a file it inlines is a finding at the line of the group.
        findings.iter().find(|finding| finding.rule == Rule::Readable && finding.line == 0)
    }
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
    /// What is worth knowing about its fields, of the layouts it inlines too.
    pub notes: Vec<Note>,
}

/// Something about a field that is no fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file the field stands in.
    pub file: PathBuf,
    /// Its line there, from 1.
    pub line: usize,
    /// Its name.
    pub field: String,
    /// What there is to know.
    pub remark: Remark,
}

/// What there is to know about a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// It accepts more than is ever written.
    Lenient(Leniency),
    /// The source is silent about it; the reason for our guess.
    Assumed(String),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: note: field \"{}\" is ", self.file.display(), self.line, self.field)?;
        match &self.remark {
            Remark::Lenient(leniency) => {
                write!(f, "lenient: {}", leniency.words().collect::<Vec<_>>().join(", "))
            }
            Remark::Assumed(why) => write!(f, "assumed: {why}"),
        }
    }
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
    let outcome = specs::read(&file).map(|layout| {
        let mut notes = Vec::new();
        collect(&layout, &file, &mut notes);
        Sound { length: layout.length, fields: layout.flat_fields().len(), name: layout.name, notes }
    });
    Linted { file, outcome }
}

/// Adds the notes on a layout and those it inlines, each field once.
fn collect(layout: &Layout, file: &Path, notes: &mut Vec<Note>) {
    for field in &layout.fields {
        let lenient = (!field.lenient.is_strict()).then_some(Remark::Lenient(field.lenient));
        let assumed = field.assumed.clone().map(Remark::Assumed);
        for remark in lenient.into_iter().chain(assumed) {
            let note = Note { file: file.to_owned(), line: field.line, field: field.name.clone(), remark };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        if let Some(group) = &field.group {
            collect(group, &file.with_file_name(format!("{}.toml", group.name)), notes);
        }
    }
}
