//! The keys file: secrets that seal cards and make fingerprints. Made once, never shown.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Deserialize;
use zeroize::Zeroizing;

/// A 256-bit secret, wiped when dropped. It has no `Debug`, `Display` or `Serialize`.
pub struct Secret(pub(crate) Zeroizing<[u8; 32]>);

/// The secrets of a keys file.
pub struct Keys {
    /// Secrets that seal cards, by id; the active one is first.
    pub(crate) card: Vec<(String, Secret)>,
    /// Secret of fingerprints and digests. It must stay the same for as long as payments are compared.
    pub(crate) fingerprint: Secret,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read or made.
    #[error("cannot {what} the keys file {path}")]
    File {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Others may read it.
    #[error("the keys file {path} may be read by others (mode {mode:03o}); run: chmod 600 {path}")]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not a keys file. What it holds is never repeated.
    #[error("the keys file {path}: expected {expected}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What was expected, where.
        expected: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    active: String,
    fingerprint: Zeroizing<String>,
    card: std::collections::BTreeMap<String, Zeroizing<String>>,
}

impl Keys {
    /// Reads the keys file, or makes it (mode 0600) with fresh secrets when `may_create` and it is not there.
    ///
    /// # Errors
    /// [`KeysError`]; without its keys a switch cannot read what it owes.
    pub fn open(path: &Path, may_create: bool) -> Result<Self, KeysError> {
        let error = |what| move |cause| KeysError::File { what, path: path.to_owned(), cause };
        match fs::metadata(path) {
            Err(absent) if absent.kind() == io::ErrorKind::NotFound && may_create => {
                create(path).map_err(error("make"))?;
            }
            found => {
                let mode = found.map_err(error("read"))?.permissions().mode() & 0o777;
                if mode & 0o077 != 0 {
                    return Err(KeysError::Exposed { path: path.to_owned(), mode });
                }
            }
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(error("read"))?);
        parse(&text).map_err(|expected| KeysError::Invalid { path: path.to_owned(), expected })
    }
}

fn parse(text: &str) -> Result<Keys, String> {
    // The error of the parser would repeat the line, secret included.
    let mut file: File = toml::from_str(text).map_err(|error| {
        let line =
            error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        format!("active, fingerprint and a [card] table of base64 secrets; line {line} is something else")
    })?;
    let active = file
        .card
        .remove(&file.active)
        .ok_or_else(|| format!("the active key {:?} in the [card] table", file.active))?;
    let mut card = vec![(file.active.clone(), secret("the active card key", &active)?)];
    for (id, text) in &file.card {
        card.push((id.clone(), secret("every card key", text)?));
    }
    if let Some((id, _)) = card.iter().find(|(id, _)| id.is_empty() || id.len() > 32) {
        return Err(format!("key ids of 1 to 32 characters, found one of {}", id.len()));
    }
    Ok(Keys { card, fingerprint: secret("fingerprint", &file.fingerprint)? })
}

fn secret(what: &str, text: &str) -> Result<Secret, String> {
    let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| format!("{what} to be base64"))?);
    let bytes: [u8; 32] =
        bytes.as_slice().try_into().map_err(|_| format!("{what} to be 32 bytes of base64"))?;
    Ok(Secret(Zeroizing::new(bytes)))
}

fn create(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut text = Zeroizing::new(String::from(
        "# Secrets of the switch: without them stored card numbers cannot be read. Keep a copy in a safe place.\n",
    ));
    let fresh = || -> io::Result<Zeroizing<String>> {
        let mut bytes = Zeroizing::new([0; 32]);
        SystemRandom::new()
            .fill(bytes.as_mut())
            .map_err(|_| io::Error::other("the system gives no random bytes"))?;
        Ok(Zeroizing::new(STANDARD.encode(*bytes)))
    };
    let (fingerprint, card) = (fresh()?, fresh()?);
    write!(text, "active = \"k1\"\nfingerprint = \"{}\"\n\n[card]\nk1 = \"{}\"\n", &*fingerprint, &*card)
        .map_err(io::Error::other)?;
    let temporary = path.with_extension("toml.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    fs::File::open(folder)?.sync_all()
}
