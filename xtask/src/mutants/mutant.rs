//! One rule switched off, as its file describes it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// One file of `mutants/`.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// Of its file, without the ending.
    pub(crate) name: String,
    /// The rule that is switched off, in words.
    pub(crate) rule: String,
    /// The source it is switched off in, from the root of the workspace.
    pub(crate) file: PathBuf,
    description: Description,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    rule: String,
    file: PathBuf,
    find: String,
    replace: String,
    breaks: Vec<String>,
    #[serde(default)]
    short: bool,
    #[serde(default)]
    caught_by: Catcher,
}

/// A test binary.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
pub(crate) struct Catcher {
    /// Its package.
    pub(crate) package: String,
    /// `lib`, or the name of an integration test.
    pub(crate) target: String,
}

impl Default for Catcher {
    fn default() -> Self {
        Self { package: "desk".to_owned(), target: "simulation".to_owned() }
    }
}

impl fmt::Display for Catcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.package, self.target)
    }
}

impl Catcher {
    /// Whether it reports invariants by name rather than failing tests.
    pub(crate) fn is_simulation(&self) -> bool {
        *self == Self::default()
    }
}

/// A source with its rule, and without.
pub(crate) struct Source {
    pub(crate) sound: String,
    pub(crate) spoilt: String,
}

impl Mutant {
    /// All that are described in `folder`: those of the same crate one after the other, the crates with fewest users first, so that
    /// little is built again.
    ///
    /// # Errors
    /// Names the file that cannot be read.
    pub(crate) fn all(folder: &Path) -> Result<Vec<Self>, String> {
        let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
        let mut all = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                all.push(Self::read(&path)?);
            }
        }
        let place = |mutant: &Self| {
            ["dialects", "acquirer-links", "desk", "store", "payment"]
                .iter()
                .position(|crate_| mutant.file.starts_with(crate_))
        };
        all.sort_by_key(|mutant| (place(mutant), mutant.catcher(), mutant.name.clone()));
        Ok(all)
    }

    fn read(path: &Path) -> Result<Self, String> {
        let text =
            fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let description: Description =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if description.breaks.is_empty() {
            return Err(format!("{}: `breaks` names nothing", path.display()));
        }
        Ok(Self { name, rule: description.rule.clone(), file: description.file.clone(), description })
    }

    /// What is to catch it.
    pub(crate) fn catcher(&self) -> Catcher {
        self.description.caught_by.clone()
    }

    /// The invariants that must be reported, or the tests that must fail.
    pub(crate) fn breaks(&self) -> impl Iterator<Item = &str> {
        self.description.breaks.iter().map(String::as_str)
    }

    /// Whether every run of the tests tries it.
    pub(crate) fn is_short(&self) -> bool {
        self.description.short
    }

    /// Those of [`Mutant::breaks`] that this output of a failed catcher reports.
    pub(crate) fn names_found(&self, output: &str) -> Vec<&str> {
        let is_reported = |name: &&str| {
            output.lines().any(|line| {
                let line = line.trim();
                if self.catcher().is_simulation() {
                    line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'))
                } else {
                    line.starts_with("test ") && line.contains(*name) && line.ends_with("FAILED")
                }
            })
        };
        self.breaks().filter(is_reported).collect()
    }

    /// # Errors
    /// Says what of the description does not fit the sources at `root`.
    pub(crate) fn misfit(&self, root: &Path) -> Result<(), String> {
        self.spoil(root).map(drop)
    }

    /// The source at `root`, with and without the rule.
    ///
    /// # Errors
    /// Says what of the description does not fit it.
    pub(crate) fn spoil(&self, root: &Path) -> Result<Source, String> {
        let of = |what: String| format!("mutants/{}.toml: {what}", self.name);
        let path = root.join(&self.file);
        let sound = fs::read_to_string(&path)
            .map_err(|error| of(format!("cannot read {}: {error}", self.file.display())))?;
        let found = sound.matches(&self.description.find).count();
        if found != 1 {
            return Err(of(format!(
                "`find` must occur once in {}, it occurs {found} times",
                self.file.display()
            )));
        }
        let spoilt = sound.replacen(&self.description.find, &self.description.replace, 1);
        Ok(Source { sound, spoilt })
    }
}
