//! The `[routing]` and `[net_cancel]` sections.

use std::collections::BTreeMap;

use payment::{AcquirerName, Terms};

use super::{Build, DAY_MS, DAY_S, MANY_VANS};
use crate::config::{Acquirer, BinRange, Direct, Routing, file};

/// The longest a net-cancel is tried before a person has to look.
const MONTH_S: u64 = 30 * DAY_S;

impl Build {
    pub(super) fn terms(
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

    pub(super) fn routing(
        &mut self,
        routing: &file::Routing,
        acquirers: &BTreeMap<AcquirerName, Acquirer>,
    ) -> Routing {
        let mut van_weights = Vec::new();
        for (name, weight) in &routing.van_weights {
            if *weight.get_ref() == 0 {
                self.unexpected(weight, &format!("routing.van_weights.{}", name.get_ref()), "at least 1");
            }
            let known = self.known(name, "routing.van_weights", acquirers);
            van_weights.extend(known.map(|name| (name, *weight.get_ref())));
        }
        if let Some((name, _)) = routing.van_weights.iter().nth(MANY_VANS) {
            self.problem(
                name.span(),
                format!(
                    "routing.van_weights: expected at most {MANY_VANS}, found {}",
                    routing.van_weights.len()
                ),
            );
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
}
