//! The keys file: secrets that seal cards and make fingerprints. Made once, never shown.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Deserialize;
use zeroize::Zeroizing;

/// The longest keys file.
const MAX_LENGTH: usize = 65_536;

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
    /// It is not there, but the store is whose cards were sealed with it.
    #[error(
        "the keys file {path} is not there, but a store is: put it back from its backup, or name it in keys.file; a new one is not made, for it \
         could not open the cards of what is owed"
    )]
    Lost {
        /// Which file.
        path: PathBuf,
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
    /// Reads the keys file, or makes it (mode 0600) with fresh secrets when it is not there and `may_create`, as no store is there that needs its own.
    ///
    /// # Errors
    /// [`KeysError`]; without its keys a switch cannot read what it owes.
    pub fn open(path: &Path, may_create: bool) -> Result<Self, KeysError> {
        let error = |what| move |cause| KeysError::File { what, path: path.to_owned(), cause };
        let file = match fs::File::open(path) {
            Err(absent) if absent.kind() == io::ErrorKind::NotFound && may_create => {
                create(path).map_err(error("make"))?;
                fs::File::open(path)
            }
            Err(absent) if absent.kind() == io::ErrorKind::NotFound => {
                return Err(KeysError::Lost { path: path.to_owned() });
            }
            found => found,
        };
        let file = file.map_err(error("read"))?;
        let mode = file.metadata().map_err(error("read"))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeysError::Exposed { path: path.to_owned(), mode });
        }
        let invalid = |expected| KeysError::Invalid { path: path.to_owned(), expected };
        // Room for all of it at once: text that moves as it grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(MAX_LENGTH));
        file.take(MAX_LENGTH as u64).read_to_string(&mut text).map_err(error("read"))?;
        if text.len() == MAX_LENGTH {
            return Err(invalid(format!("less than {MAX_LENGTH} bytes")));
        }
        parse(&text).map_err(invalid)
    }
}

fn parse(text: &str) -> Result<Keys, String> {
    // The error of the parser would repeat the line, secret included.
    let mut file: File = toml::from_str(text).map_err(|error| {
        let line =
            error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        format!("active, fingerprint and a [card] table of base64 secrets; line {line} is something else")
    })?;
    let active = file.card.remove(&file.active).ok_or("the key that `active` names in the [card] table")?;
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
    let random = |bytes: &mut [u8]| {
        SystemRandom::new().fill(bytes).map_err(|_| io::Error::other("the system gives no random bytes"))
    };
    let fresh = || -> io::Result<Zeroizing<String>> {
        let mut bytes = Zeroizing::new([0; 32]);
        random(bytes.as_mut())?;
        Ok(Zeroizing::new(STANDARD.encode(*bytes)))
    };
    let (fingerprint, card) = (fresh()?, fresh()?);
    let mut name = [0; 8];
    random(&mut name)?;
    write!(text, "active = \"k1\"\nfingerprint = \"{}\"\n\n[card]\nk1 = \"{}\"\n", &*fingerprint, &*card)
        .map_err(io::Error::other)?;
    // A file of its own, linked where it belongs once it is whole: of two switches that start at once, both use the keys of one.
    let temporary = path.with_extension(format!("{:016x}.new", u64::from_be_bytes(name)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&temporary, path));
    fs::remove_file(&temporary)?;
    match linked {
        Err(other) if other.kind() == io::ErrorKind::AlreadyExists => {}
        linked => linked?,
    }
    fs::File::open(folder)?.sync_all()
}
