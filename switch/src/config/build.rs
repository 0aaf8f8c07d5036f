//! From the file as it is written to exact types, with everything that is wrong at once.

mod duplicates;
mod listeners;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    ops::{Range, RangeInclusive},
    path::{Component, Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use dialects::{Dialect, SlowestAnswer};
use payment::{AcquirerName, InstanceNo, MerchantNo, TerminalId, Terms};
use rustc_hash::FxHashMap;
use toml::Spanned;

use super::{Acquirer, BinRange, Config, Direct, Merchant, Problem, Routing, StoreConfig, file};

/// Seconds of a day: the longest a connection may be idle or a terminal's clock off. Keys of telegrams are held for three days, and a
/// telegram must not be acceptable for longer than one.
const DAY_S: u64 = 86_400;
/// The longest time an acquirer can be given.
const DAY_MS: u64 = 86_400_000;
/// The longest a net-cancel is tried before a person has to look.
const MONTH_S: u64 = 30 * DAY_S;
/// More connections than a machine has descriptors, and more requests than an acquirer takes.
const MANY: usize = 1_000_000;
/// Sockets to one acquirer.
const MANY_LINKS: usize = 10_000;

pub(super) fn build(file: file::File, folder: &Path) -> Result<Config, Vec<Problem>> {
    let declared = file.acquirers.keys().map(|name| name.get_ref().clone()).collect();
    let mut build = Build { problems: Vec::new(), declared, answer_timeouts: BTreeMap::new() };
    let acquirers = build.acquirers(file.acquirers);
    let merchants = build.merchants(file.merchants, &acquirers);
    let config = Config {
        listeners: build.listeners(file.listen),
        store: build.store(&file.store, folder),
        keys_file: match file.keys {
            Some(keys) => build.file(&keys.file, "keys.file", folder),
            None => folder.join(file.store.path.get_ref()).with_file_name("keys.toml"),
        },
        duplicates: file.duplicates.map(|duplicates| build.duplicates(&duplicates)),
        terms: build.terms(&file.routing, &file.net_cancel, &acquirers),
        routing: build.routing(&file.routing, &acquirers),
        terminals: build.terminals(file.terminals, &merchants),
        admin: file.admin.and_then(|admin| build.address(&admin.address, "admin.address")),
        acquirers,
        merchants,
    };
    if build.problems.is_empty() { Ok(config) } else { Err(build.problems) }
}

struct Build {
    problems: Vec<Problem>,
    /// Names of the acquirers' sections: one that is wrong in itself is not reported again where it is named.
    declared: BTreeSet<String>,
    /// Where each acquirer's `answer_timeout_ms` stands, if it does: what depends on it may be a default, which stands nowhere.
    answer_timeouts: BTreeMap<String, Range<usize>>,
}

impl Build {
    fn problem(&mut self, span: Range<usize>, what: impl std::fmt::Display) {
        self.problems.push(Problem::new(span, what));
    }

    fn address(&mut self, text: &Spanned<String>, key: &str) -> Option<SocketAddr> {
        let address = text.get_ref().parse();
        address
            .map_err(|_| self.unexpected(text, key, "an IP address and port such as \"127.0.0.1:7001\""))
            .ok()
    }

    fn unexpected<T: std::fmt::Debug>(&mut self, found: &Spanned<T>, key: &str, expected: &str) {
        self.problem(found.span(), format!("{key}: expected {expected}, found {:?}", found.get_ref()));
    }

    /// A value at odds with another one. A default stands nowhere in the file: what it is at odds with, at `cause`, is what can be mended.
    fn at_odds(&mut self, found: &Spanned<u64>, cause: Option<Range<usize>>, key: &str, expected: &str) {
        match cause {
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

    fn store(&mut self, store: &file::Store, folder: &Path) -> StoreConfig {
        let found = store.instance.as_ref().map_or(0, |instance| *instance.get_ref());
        let instance = InstanceNo::new(found).unwrap_or_else(|_| {
            let span = store.instance.as_ref().map_or(0..0, Spanned::span);
            self.problem(span, format!("store.instance: expected 0 to {}, found {found}", InstanceNo::MAX));
            InstanceNo::new(0).expect("0 is an instance number")
        });
        StoreConfig { path: self.file(&store.path, "store.path", folder), instance }
    }

    fn file(&mut self, path: &Spanned<String>, key: &str, folder: &Path) -> PathBuf {
        if !matches!(Path::new(path.get_ref()).components().next_back(), Some(Component::Normal(_))) {
            self.unexpected(path, key, "the path of a file");
        }
        folder.join(path.get_ref())
    }

    fn acquirers(
        &mut self,
        acquirers: BTreeMap<Spanned<String>, file::Acquirer>,
    ) -> BTreeMap<AcquirerName, Acquirer> {
        if acquirers.is_empty() {
            self.problem(0..0, "expected at least one [acquirers.<name>] section, found none");
        }
        let build = |(name, acquirer): (Spanned<String>, file::Acquirer)| {
            let checked = AcquirerName::new(name.get_ref());
            let checked = checked.map_err(|expected| {
                self.unexpected(&name, "the name of an acquirer", strip(&expected.to_string()));
            });
            let acquirer = self.acquirer(name.get_ref(), &acquirer);
            Some((checked.ok()?, acquirer?))
        };
        acquirers.into_iter().filter_map(build).collect()
    }

    fn acquirer(&mut self, name: &str, acquirer: &file::Acquirer) -> Option<Acquirer> {
        let at = |key: &str| format!("acquirers.{name}.{key}");
        let params =
            acquirer.params.iter().map(|(key, value)| (key.clone(), value.get_ref().clone())).collect();
        let dialect = match Dialect::new(acquirer.dialect.get_ref(), &params) {
            Ok(dialect) => Some(Arc::new(dialect)),
            Err(dialects::BadDialect::Unknown { expected }) => {
                self.unexpected(&acquirer.dialect, &at("dialect"), expected);
                None
            }
            Err(dialects::BadDialect::Param { key, expected }) => {
                let span = acquirer.params.get(&key).map_or_else(|| acquirer.dialect.span(), Spanned::span);
                self.problem(span, format!("{}.{key}: expected {expected}", at("params")));
                None
            }
        };
        if acquirer.addresses.get_ref().is_empty() {
            self.unexpected(&acquirer.addresses, &at("addresses"), "at least one \"host:port\"");
        }
        for address in acquirer.addresses.get_ref() {
            let port = address
                .get_ref()
                .rsplit_once(':')
                .and_then(|(host, port)| (!host.is_empty()).then(|| port.parse::<u16>().ok())?);
            if port.is_none_or(|port| port == 0) {
                self.unexpected(address, &at("addresses"), "\"host:port\"");
            }
        }
        if let Some(SlowestAnswer::Told(slowest)) =
            dialect.as_ref().and_then(|dialect| dialect.slowest_answer())
        {
            // Without the parameter it is the dialect's own time.
            let told_by =
                acquirer.params.get("timeout_s").map_or_else(|| acquirer.dialect.span(), Spanned::span);
            let times = [
                (&acquirer.answer_timeout_ms, at("answer_timeout_ms")),
                (&acquirer.settle_after_ms, at("settle_after_ms")),
            ];
            for (found, key) in times {
                if Duration::from_millis(*found.get_ref()) <= slowest {
                    let told =
                        format!("more than the {} ms the acquirer is told it has", slowest.as_millis());
                    self.at_odds(found, Some(told_by.clone()), &key, &told);
                }
            }
        }
        self.answer_timeouts.insert(name.to_owned(), acquirer.answer_timeout_ms.span());
        Some(Acquirer {
            addresses: acquirer.addresses.get_ref().iter().map(|address| address.get_ref().clone()).collect(),
            links: self.within(&acquirer.links, 1..=MANY_LINKS, &at("links")),
            max_in_flight: self.within(&acquirer.max_in_flight, 1..=MANY, &at("max_in_flight")),
            connect_timeout: self.milliseconds(&acquirer.connect_timeout_ms, &at("connect_timeout_ms")),
            answer_timeout: self.milliseconds(&acquirer.answer_timeout_ms, &at("answer_timeout_ms")),
            settle_after: self.milliseconds(&acquirer.settle_after_ms, &at("settle_after_ms")),
            dialect: dialect?,
        })
    }

    fn terms(
        &mut self,
        routing: &file::Routing,
        net_cancel: &file::NetCancel,
        acquirers: &BTreeMap<AcquirerName, Acquirer>,
    ) -> Terms {
        let slowest = acquirers.iter().max_by_key(|(_, acquirer)| acquirer.answer_timeout);
        let cause = slowest.and_then(|(name, _)| self.answer_timeouts.get(name.as_str()).cloned());
        let slowest = slowest.map(|(_, acquirer)| acquirer.answer_timeout).unwrap_or_default();
        let deadline = self.milliseconds(&routing.terminal_deadline_ms, "routing.terminal_deadline_ms");
        if deadline < slowest {
            let expected = format!("at least the longest answer_timeout_ms, {}", slowest.as_millis());
            self.at_odds(&routing.terminal_deadline_ms, cause, "routing.terminal_deadline_ms", &expected);
        }
        self.milliseconds(&net_cancel.max_delay_ms, "net_cancel.max_delay_ms");
        let max_delay_ms = *net_cancel.max_delay_ms.get_ref();
        let alarm_after_s = self.within(&net_cancel.alarm_after_s, 0..=MONTH_S, "net_cancel.alarm_after_s");
        let give_up_after_s =
            self.within(&net_cancel.give_up_after_s, 1..=MONTH_S, "net_cancel.give_up_after_s");
        Terms {
            terminal_deadline_ms: *routing.terminal_deadline_ms.get_ref(),
            failover: routing.failover_when_unanswered,
            // A start takes one that is due later than the longest pause allows for the error of a clock.
            net_cancel_first_delay_ms: self.within(
                &net_cancel.first_delay_ms,
                0..=max_delay_ms,
                "net_cancel.first_delay_ms",
            ),
            net_cancel_max_delay_ms: max_delay_ms,
            net_cancel_alarm_after_ms: alarm_after_s.saturating_mul(1_000),
            net_cancel_give_up_after_ms: give_up_after_s.saturating_mul(1_000),
            undelivered_grace_ms: self.within(
                &net_cancel.undelivered_grace_ms,
                0..=DAY_MS,
                "net_cancel.undelivered_grace_ms",
            ),
            // Each listener has its own.
            acknowledged_within_ms: None,
        }
    }

    fn routing(&mut self, routing: &file::Routing, acquirers: &BTreeMap<AcquirerName, Acquirer>) -> Routing {
        let mut van_weights = Vec::new();
        for (name, weight) in &routing.van_weights {
            if *weight.get_ref() == 0 {
                self.unexpected(weight, &format!("routing.van_weights.{}", name.get_ref()), "at least 1");
            }
            let known = self.known(name, "routing.van_weights", acquirers);
            van_weights.extend(known.map(|name| (name, *weight.get_ref())));
        }
        if routing.van_weights.is_empty() && routing.direct.is_empty() {
            self.problem(
                0..0,
                "routing: expected van_weights or direct, found neither: no payment would have a route",
            );
        }
        let mut direct = Vec::new();
        for entry in &routing.direct {
            if entry.bins.get_ref().is_empty() {
                self.unexpected(&entry.bins, "routing.direct.bins", "at least one");
            }
            let mut bins = Vec::new();
            for bin in entry.bins.get_ref() {
                match BinRange::parse(bin.get_ref()) {
                    Some(range) => bins.push(range),
                    None => self.unexpected(
                        bin,
                        "routing.direct.bins",
                        "a prefix of 6 to 8 digits or a range such as \"94500000-94599999\"",
                    ),
                }
            }
            if let Some(acquirer) = self.known(&entry.acquirer, "routing.direct.acquirer", acquirers) {
                direct.push(Direct { bins, acquirer, fallback: entry.fallback });
            }
        }
        Routing { van_weights, direct }
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

    fn merchants(
        &mut self,
        merchants: Vec<BTreeMap<String, Spanned<toml::Value>>>,
        acquirers: &BTreeMap<AcquirerName, Acquirer>,
    ) -> FxHashMap<MerchantNo, Merchant> {
        let mut built = FxHashMap::default();
        for merchant in merchants {
            let span = merchant.get("no").or_else(|| merchant.values().next()).map_or(0..0, Spanned::span);
            let text =
                |key: &str| merchant.get(key).and_then(|value| value.get_ref().as_str()).unwrap_or_default();
            if let Some(name) = merchant.get("name")
                && !name.get_ref().is_str()
            {
                let found = name.get_ref();
                self.problem(name.span(), format!("merchants.name: expected a string, found {found}"));
            }
            let name = text("name").to_owned();
            let Ok(no) = MerchantNo::new(text("no")) else {
                let found = merchant.get("no").map_or("none".to_owned(), |no| no.get_ref().to_string());
                self.problem(span, format!("merchants.no: expected a string of 10 digits, found {found}"));
                continue;
            };
            let mut rows = BTreeMap::new();
            for (key, value) in merchant.iter().filter(|(key, _)| *key != "no" && *key != "name") {
                let row = Spanned::new(value.span(), key.clone());
                let Some(acquirer) = self.known(&row, &format!("a row of merchant {no}"), acquirers) else {
                    continue;
                };
                if let Some(identifiers) = self.merchant_row(no, key, value, &acquirers[&acquirer]) {
                    rows.insert(acquirer, identifiers);
                }
            }
            if built.insert(no, Merchant { name, acquirers: rows }).is_some() {
                self.problem(span, format!("merchants.no: expected each number once, found {no} again"));
            }
        }
        built
    }

    fn merchant_row(
        &mut self,
        no: MerchantNo,
        key: &str,
        value: &Spanned<toml::Value>,
        acquirer: &Acquirer,
    ) -> Option<BTreeMap<String, String>> {
        let identifiers = value.get_ref().as_table().and_then(|table| {
            table.iter().map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        });
        let Some(identifiers) = identifiers else {
            self.problem(value.span(), format!("{key} of merchant {no}: expected a table of strings"));
            return None;
        };
        if let Err(problem) = acquirer.dialect.check_merchant(&identifiers) {
            self.problem(value.span(), format!("{key} of merchant {no}: expected {problem}"));
            return None;
        }
        Some(identifiers)
    }

    fn terminals(
        &mut self,
        terminals: Vec<file::Terminal>,
        merchants: &FxHashMap<MerchantNo, Merchant>,
    ) -> FxHashMap<TerminalId, MerchantNo> {
        let mut built = FxHashMap::default();
        for terminal in terminals {
            let id = TerminalId::new(terminal.id.get_ref());
            let id = id
                .map_err(|expected| {
                    self.unexpected(&terminal.id, "terminals.id", strip(&expected.to_string()));
                })
                .ok();
            let merchant =
                MerchantNo::new(terminal.merchant_no.get_ref()).ok().filter(|no| merchants.contains_key(no));
            if merchant.is_none() {
                self.unexpected(
                    &terminal.merchant_no,
                    "terminals.merchant_no",
                    "the no of a [[merchants]] row",
                );
            }
            let (Some(id), Some(merchant)) = (id, merchant) else { continue };
            if built.insert(id, merchant).is_some() {
                self.unexpected(&terminal.id, "terminals.id", "each id once");
            }
        }
        built
    }
}

/// The expectation alone, of an error that begins with "expected".
fn strip(error: &str) -> &str {
    error.trim_start_matches("expected ")
}
