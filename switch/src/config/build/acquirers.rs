//! The `[acquirers.<name>]` sections.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use acquirer_links::{Mode, TlsError};
use dialects::{Dialect, SlowestAnswer};
use payment::AcquirerName;
use toml::Spanned;

use super::{Build, MANY, merchants::OWN, strip};
use crate::config::{Acquirer, BreakerSettings, Encryption, Params, Tls, TlsFiles, file};

/// Sockets to one acquirer.
const MANY_LINKS: usize = 10_000;
/// Net-cancels on their way at a time, unless the acquirer's section says otherwise.
const NET_CANCELS: usize = 32;
/// The longest an idle link goes unproven: within two of them a half-open socket is found.
const LONGEST_HEARTBEAT_S: u64 = 3_600;
/// Failures in a row that mean nothing yet.
const MANY_FAILURES: u32 = 10_000;
/// The longest an acquirer is left alone before it is tried again.
const LONGEST_PAUSE_MS: u64 = 600_000;

impl Build {
    pub(super) fn acquirers(
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
            if OWN.contains(&name.get_ref().as_str()) {
                let expected = format!("none of {}, which are keys of [[merchants]]", OWN.join(", "));
                self.unexpected(&name, "the name of an acquirer", &expected);
            }
            let acquirer = self.acquirer(name.get_ref(), &acquirer);
            Some((checked.ok()?, acquirer?))
        };
        acquirers.into_iter().filter_map(build).collect()
    }

    fn acquirer(&mut self, name: &str, acquirer: &file::Acquirer) -> Option<Acquirer> {
        let at = |key: &str| format!("acquirers.{name}.{key}");
        let said = acquirer.params.get_ref();
        let params = said.iter().map(|(key, value)| (key.clone(), value.get_ref().clone())).collect();
        let dialect = match Dialect::new(acquirer.dialect.get_ref(), &params) {
            Ok(dialect) => Some(Arc::new(dialect)),
            Err(dialects::BadDialect::Unknown { expected }) => {
                self.unexpected(&acquirer.dialect, &at("dialect"), expected);
                None
            }
            Err(dialects::BadDialect::Param { key, expected }) => {
                let span = said.get(&key).map_or_else(|| acquirer.dialect.span(), Spanned::span);
                self.problem(span, format!("{}.{key}: expected {expected}", at("params")));
                None
            }
        };
        if acquirer.addresses.get_ref().is_empty() {
            self.unexpected(&acquirer.addresses, &at("addresses"), "at least one \"host:port\"");
        }
        let mut addresses = BTreeSet::new();
        for address in acquirer.addresses.get_ref() {
            let port = address
                .get_ref()
                .rsplit_once(':')
                .and_then(|(host, port)| (!host.is_empty()).then(|| port.parse::<u16>().ok())?);
            if port.is_none_or(|port| port == 0) {
                self.unexpected(address, &at("addresses"), "\"host:port\"");
            } else if !addresses.insert(address.get_ref().to_ascii_lowercase()) {
                self.unexpected(address, &at("addresses"), "each address once");
            }
        }
        // What it is told may be the parameter that could not be read.
        let are_params_whole = !self.incomplete.contains(&acquirer.params.span());
        if let Some(SlowestAnswer::Told(slowest)) =
            dialect.as_ref().filter(|_| are_params_whole).and_then(|dialect| dialect.slowest_answer())
        {
            // Without the parameter it is the dialect's own time.
            let told_by = said.get("timeout_s").map_or_else(|| acquirer.dialect.span(), Spanned::span);
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
        let max_in_flight = self.within(&acquirer.max_in_flight, 1..=MANY, &at("max_in_flight"));
        let net_cancels_in_flight = match &acquirer.net_cancels_in_flight {
            // What is wrong in itself is no limit for another.
            Some(found) if max_in_flight == 0 => *found.get_ref(),
            Some(found) => self.within(found, 1..=max_in_flight, &at("net_cancels_in_flight")),
            None => NET_CANCELS.min(max_in_flight),
        };
        let heartbeat = self.heartbeat(acquirer, dialect.as_deref(), &at("heartbeat_s"));
        self.sign_on(acquirer, dialect.as_deref(), &at("sign_on"));
        // Where there is none although there should be, there is a problem, and no configuration.
        let tls = acquirer.tls.as_ref().and_then(|tls| self.tls(tls, &at("tls")));
        Some(Acquirer {
            addresses: acquirer.addresses.get_ref().iter().map(|address| address.get_ref().clone()).collect(),
            links: self.within(&acquirer.links, 1..=MANY_LINKS, &at("links")),
            max_in_flight,
            connect_timeout: self.milliseconds(&acquirer.connect_timeout_ms, &at("connect_timeout_ms")),
            answer_timeout: self.milliseconds(&acquirer.answer_timeout_ms, &at("answer_timeout_ms")),
            settle_after: self.milliseconds(&acquirer.settle_after_ms, &at("settle_after_ms")),
            heartbeat,
            sign_on: *acquirer.sign_on.get_ref(),
            breaker: self.breaker(&acquirer.breaker, &acquirer.answer_timeout_ms, &at("breaker")),
            tls,
            net_cancels_in_flight,
            params: Params::new(params),
            dialect: dialect?,
        })
    }

    fn heartbeat(
        &mut self,
        acquirer: &file::Acquirer,
        dialect: Option<&Dialect>,
        key: &str,
    ) -> Option<Duration> {
        let heartbeat_s = self.within(&acquirer.heartbeat_s, 0..=LONGEST_HEARTBEAT_S, key);
        if !(1..=LONGEST_HEARTBEAT_S).contains(&heartbeat_s) {
            return None;
        }
        if let Some(dialect) = dialect.filter(|dialect| dialect.profile().echo.is_none()) {
            let expected = format!("0, since {}", without("echo telegram", dialect));
            self.unexpected(&acquirer.heartbeat_s, key, &expected);
        }
        Some(Duration::from_secs(heartbeat_s))
    }

    fn sign_on(&mut self, acquirer: &file::Acquirer, dialect: Option<&Dialect>, key: &str) {
        let has_none = |dialect: &&Dialect| dialect.profile().sign_on.is_none();
        if let Some(dialect) = dialect.filter(has_none).filter(|_| *acquirer.sign_on.get_ref()) {
            let expected = format!("false, since {}", without("sign-on telegram", dialect));
            self.unexpected(&acquirer.sign_on, key, &expected);
        }
    }

    fn breaker(
        &mut self,
        breaker: &file::Breaker,
        answer_timeout_ms: &Spanned<u64>,
        key: &str,
    ) -> BreakerSettings {
        let at = |name: &str| format!("{key}.{name}");
        let failures = self.within(&breaker.failures, 1..=MANY_FAILURES, &at("failures"));
        let slow_ms = *breaker.slow_ms.get_ref();
        // What takes longer is no slow answer but none.
        let answer_ms = *answer_timeout_ms.get_ref();
        if answer_ms > 0 && slow_ms >= answer_ms {
            let expected = format!("0 (none is too slow) or less than answer_timeout_ms, {answer_ms}");
            self.unexpected(&breaker.slow_ms, &at("slow_ms"), &expected);
        }
        let pause_ms = self.within(&breaker.pause_ms, 1..=LONGEST_PAUSE_MS, &at("pause_ms"));
        let max_pause_ms = self.within(&breaker.max_pause_ms, 1..=LONGEST_PAUSE_MS, &at("max_pause_ms"));
        if max_pause_ms > 0 && max_pause_ms < pause_ms {
            let expected = format!("at least pause_ms, {pause_ms}");
            self.at_odds(
                &breaker.max_pause_ms,
                Some(breaker.pause_ms.span()),
                &at("max_pause_ms"),
                &expected,
            );
        }
        BreakerSettings {
            failures,
            slow: (slow_ms > 0).then(|| Duration::from_millis(slow_ms)),
            pause: Duration::from_millis(pause_ms),
            max_pause: Duration::from_millis(max_pause_ms),
        }
    }

    fn tls(&mut self, tls: &file::Tls, key: &str) -> Option<Encryption> {
        let at = |name: &str| format!("{key}.{name}");
        let problems = self.problems.len();
        let files = TlsFiles {
            ca: self.file(&tls.ca, &at("ca")),
            server_name: tls.server_name.get_ref().clone(),
            certificate: tls.certificate.as_ref().map(|file| self.file(file, &at("certificate"))),
            key: tls.key.as_ref().map(|file| self.file(file, &at("key"))),
        };
        if problems < self.problems.len() {
            return None;
        }
        match Tls::load(&files) {
            Ok(read) => Some(Encryption { files, read }),
            Err(error) => {
                let span = to_mend(&error, &files, tls).span();
                self.problem(span, format!("{key}: {error}"));
                None
            }
        }
    }
}

/// What is to be mended, of one with the file that is at fault: what names one file twice is told of where it was read first.
fn to_mend<'a>(error: &TlsError, files: &TlsFiles, tls: &'a file::Tls) -> &'a Spanned<String> {
    let (own, key) = (tls.certificate.as_ref(), tls.key.as_ref());
    let at_fault = match error {
        TlsError::ServerName { .. } => Some(&tls.server_name),
        TlsError::NoKey { .. }
        | TlsError::BadKey { .. }
        | TlsError::KeyMismatch { .. }
        | TlsError::KeyWithoutCertificate { .. } => key,
        TlsError::CertificateWithoutKey { .. } => own,
        TlsError::Unreadable { file, .. }
        | TlsError::TooLarge { file, .. }
        | TlsError::NotPem { file, .. }
        | TlsError::NoCertificate { file }
        | TlsError::BadCertificate { file, .. } => {
            let is = |named: &Option<PathBuf>| named.as_ref() == Some(file);
            own.filter(|_| is(&files.certificate)).or(key.filter(|_| is(&files.key)))
        }
    };
    at_fault.unwrap_or(&tls.ca)
}

fn without(telegram: &str, dialect: &Dialect) -> String {
    match dialect.profile().mode {
        Mode::PerRequest { .. } => format!("{} opens a socket for each request", dialect.name()),
        Mode::Multiplexed | Mode::OneInFlight => format!("{} has no {telegram}", dialect.name()),
    }
}
