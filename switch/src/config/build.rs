//! From the file as it is written to exact types, with everything that is wrong at once.

mod acquirers;
mod duplicates;
mod listeners;
mod merchants;
mod operating;
mod routing;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    ops::{Range, RangeInclusive},
    path::{Component, Path, PathBuf},
    time::Duration,
};

use payment::AcquirerName;
use toml::Spanned;

use super::{Acquirer, Config, Problem, findings::Read};

/// Seconds of a day: the longest a connection may be idle or a terminal's clock off. Keys of telegrams are held for three days, and a
/// telegram must not be acceptable for longer than one.
const DAY_S: u64 = 86_400;
/// The longest time an acquirer can be given.
const DAY_MS: u64 = 86_400_000;
/// More connections than a machine has descriptors, and more requests than an acquirer takes.
const MANY: usize = 1_000_000;
/// VANs that can have a share.
const MANY_VANS: usize = 64;

pub(super) fn build(read: Read, folder: &Path) -> Result<Config, Vec<Problem>> {
    let Read { file, mut problems, incomplete, acquirers } = read;
    let Some(file) = file else { return Err(problems) };
    let mut build = Build {
        problems: Vec::new(),
        incomplete,
        folder: folder.to_owned(),
        declared: acquirers.into_iter().collect(),
        answer_timeouts: BTreeMap::new(),
        addresses: BTreeMap::new(),
        has_unreadable_merchant: false,
    };
    let acquirers = build.acquirers(file.acquirers);
    let merchants = build.merchants(file.merchants, &acquirers);
    let store = build.store(&file.store);
    let keys_file = build.keys_file(file.keys.as_ref(), &store);
    let config = Config {
        listeners: build.listeners(file.listen),
        limits: build.limits(&file.limits),
        duplicates: file.duplicates.map(|duplicates| build.duplicates(&duplicates)),
        terms: build.terms(&file.routing, &file.net_cancel, &acquirers),
        routing: build.routing(&file.routing, &acquirers),
        terminals: build.terminals(file.terminals, &merchants),
        admin: build.admin(file.admin.as_ref()),
        control_socket: build.control_socket(file.admin.as_ref(), &file.store, &store, &keys_file),
        store,
        keys_file,
        acquirers,
        merchants,
    };
    problems.append(&mut build.problems);
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

struct Build {
    problems: Vec<Problem>,
    /// What lacks what is wrong in its form: what else seems amiss with these follows from that.
    incomplete: Vec<Range<usize>>,
    /// What relative paths are relative to.
    folder: PathBuf,
    /// Names of the acquirers' sections: one that is wrong in itself is not reported again where it is named.
    declared: BTreeSet<String>,
    /// Where each acquirer's `answer_timeout_ms` stands, if it does: what depends on it may be a default, which stands nowhere.
    answer_timeouts: BTreeMap<String, Range<usize>>,
    /// What is listened on so far, and by which key.
    addresses: BTreeMap<SocketAddr, String>,
    /// Whether a merchant's number could not be read: a terminal that names nobody may be his.
    has_unreadable_merchant: bool,
}

impl Build {
    fn problem(&mut self, span: Range<usize>, what: impl std::fmt::Display) {
        // What stands nowhere is amiss with the file as a whole, or with a default.
        let follows = self.incomplete.contains(&span) || (span.is_empty() && !self.incomplete.is_empty());
        if !follows {
            self.problems.push(Problem::new(span, what));
        }
    }

    /// An address to listen on.
    fn address(&mut self, text: &Spanned<String>, key: &str) -> Option<SocketAddr> {
        let Ok(address) = text.get_ref().parse::<SocketAddr>() else {
            self.unexpected(text, key, "an IP address and port such as \"127.0.0.1:7001\"");
            return None;
        };
        // The system gives a port of its own to each that has none.
        let mut others = self.addresses.iter().filter(|_| address.port() > 0);
        if let Some((at, other)) = others.find(|(at, _)| overlap(address, **at)) {
            let also = if *at == address {
                format!("which is {other} too")
            } else {
                format!("which overlaps {other}, {at}")
            };
            let found = text.get_ref();
            let what = format!("{key}: expected an address of its own, found {found:?}, {also}");
            self.problem(text.span(), what);
        }
        self.addresses.insert(address, key.to_owned());
        Some(address)
    }

    fn unexpected<T: std::fmt::Debug>(&mut self, found: &Spanned<T>, key: &str, expected: &str) {
        self.problem(found.span(), format!("{key}: expected {expected}, found {:?}", found.get_ref()));
    }

    /// A value at odds with another one. A default stands nowhere in the file: what it is at odds with, at `cause`, is what can be mended.
    fn at_odds(&mut self, found: &Spanned<u64>, cause: Option<Range<usize>>, key: &str, expected: &str) {
        match cause {
            Some(_) if found.span().is_empty() && !self.incomplete.is_empty() => {}
            Some(cause) if found.span().is_empty() => {
                let what = format!("{key}: expected {expected}, found {} (the default)", found.get_ref());
                self.problem(cause, what);
            }
            Some(_) | None => self.unexpected(found, key, expected),
        }
    }

    fn within<T: PartialOrd + Copy + std::fmt::Display + std::fmt::Debug>(
        &mut self,
        found: &Spanned<T>,
        range: RangeInclusive<T>,
        key: &str,
    ) -> T {
        if !range.contains(found.get_ref()) {
            self.unexpected(found, key, &format!("{} to {}", range.start(), range.end()));
        }
        *found.get_ref()
    }

    fn milliseconds(&mut self, found: &Spanned<u64>, key: &str) -> Duration {
        if !(1..=DAY_MS).contains(found.get_ref()) {
            self.unexpected(found, key, "1 to 86400000 milliseconds, a day");
        }
        Duration::from_millis(*found.get_ref())
    }

    fn file(&mut self, path: &Spanned<String>, key: &str) -> PathBuf {
        if !matches!(Path::new(path.get_ref()).components().next_back(), Some(Component::Normal(_))) {
            self.unexpected(path, key, "the path of a file");
        }
        self.folder.join(path.get_ref())
    }

    fn known(
        &mut self,
        name: &Spanned<String>,
        key: &str,
        acquirers: &BTreeMap<AcquirerName, Acquirer>,
    ) -> Option<AcquirerName> {
        let known = AcquirerName::new(name.get_ref()).ok().filter(|known| acquirers.contains_key(known));
        if known.is_none() && !self.declared.contains(name.get_ref()) {
            self.unexpected(name, key, "the name of an [acquirers.<name>] section");
        }
        known
    }
}

/// Whether no two sockets can listen at these addresses. Whether one for all of IPv6 has IPv4 as well is the system's to say.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let is_all = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.is_ipv4() == other.is_ipv4() && (is_all || one.ip() == other.ip())
}

/// The expectation alone, of an error that begins with "expected".
fn strip(error: &str) -> &str {
    error.trim_start_matches("expected ")
}
