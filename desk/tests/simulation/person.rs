//! A person who looks into what does not come to an end, asks the acquirer, and orders what is to be done; and breakers that close and open.

use desk::{Gate, Input};
use payment::{
    Cancel, CancelFinding, CancelState, Debt, DebtState, Event, Finding, ManualOrder, ManualStep, Operator,
    PaymentId, Serial,
};
use store::{Lookup, Stored};

use crate::{
    agenda::Happening,
    checker::{Happened, Invariant},
    corners::Incident,
    sample,
    settings::NAMES,
    world::World,
};

/// Longer than any acquirer takes to do what it was asked: who looks later finds what stays so.
const LOOKS_AFTER_MS: u64 = 100_000;

impl World {
    /// Now and then somebody looks, and now and then a breaker closes for a while.
    pub(crate) fn plan_interference(&mut self) {
        for _ in 0..self.settings.orders {
            let at_ms = self.rng.below(900_000);
            self.agenda.add(at_ms, Happening::Orders, &mut self.rng);
        }
        for name in NAMES {
            for _ in 0..self.settings.breaks {
                let at_ms = self.rng.below(150_000);
                let for_ms = self.rng.pick(&[100, 5_000, 60_000]);
                self.agenda.add(at_ms, Happening::Gate(name, Gate::Closed), &mut self.rng);
                self.agenda.add(at_ms + for_ms, Happening::Gate(name, Gate::Open), &mut self.rng);
            }
        }
    }

    pub(crate) fn gate(&mut self, name: &'static str, gate: Gate) {
        for at in 0..self.switches.len() {
            if self.switches[at].stopped_until_ms.is_none() && self.switches[at].desk.is_some() {
                self.bring(at, Input::Gate { acquirer: sample::acquirer(name), gate });
            }
        }
    }

    /// Somebody picks one thing that is not settled, and orders what is right, or to try again.
    pub(crate) fn orders(&mut self) {
        let at = self.any_front();
        if !self.switches[at].listens() {
            return;
        }
        let unsettled: Vec<_> = self.storage.all().iter().flat_map(|stored| self.unsettled(stored)).collect();
        if unsettled.is_empty() {
            return;
        }
        let (payment, what) = self.rng.pick(&unsettled);
        self.orders_given += 1;
        let token = self.orders_given;
        let by = Operator::new(&format!("operator {token}"), "what the acquirer says").unwrap();
        self.done_by_hand(payment, what);
        self.give(at, Input::Operate { token, payment, order: ManualOrder { by, what } });
    }

    fn unsettled(&self, stored: &Stored) -> Vec<(PaymentId, ManualStep)> {
        let (id, payment) = (stored.id(), stored.payment());
        let mut steps = Vec::new();
        for (attempt, of) in (0..).zip(payment.attempts()) {
            let Some(debt) = of.debt() else { continue };
            steps.push(ManualStep::RetryNetCancel { attempt });
            if let DebtState::Stuck { .. } = debt.state()
                && self.has_settled(debt)
            {
                let finding = self.finding(of.route().serial, debt);
                steps.extend(finding.map(|how| ManualStep::ResolveNetCancel { attempt, how }));
            }
        }
        for (cancel, of) in (0..).zip(payment.cancels()) {
            let CancelState::Stuck { at, .. } = of.state() else { continue };
            steps.push(ManualStep::RetryCancel { cancel });
            if sample::since_start(*at) + self.wrong.behind_ms() + LOOKS_AFTER_MS < self.now_ms {
                let how = if self.is_booked(of) { CancelFinding::Done } else { CancelFinding::NotDone };
                steps.push(ManualStep::ResolveCancel { cancel, how });
            }
        }
        steps.into_iter().map(|step| (id, step)).collect()
    }

    fn has_settled(&self, debt: &Debt) -> bool {
        sample::since_start(debt.owed_since()) + self.wrong.behind_ms() + LOOKS_AFTER_MS < self.now_ms
    }

    /// What the acquirer's books say; what stands there is undone by hand, or kept.
    fn finding(&self, serial: Serial, debt: &Debt) -> Option<Finding> {
        let given = self.acquirers.values().find_map(|acquirer| acquirer.truth.get(&serial)?.last());
        match given {
            Some(given) if given.is_live() && given.beyond_net_cancel => Some(Finding::Stands),
            Some(_) => Some(Finding::Undone),
            None => debt.approval_no().is_none().then_some(Finding::NeverApproved),
        }
    }

    fn is_booked(&self, cancel: &Cancel) -> bool {
        let mut given = self.acquirers.values().flat_map(|acquirer| acquirer.truth.values().flatten());
        given.any(|given| given.book.iter().any(|(serial, _)| *serial == cancel.serial()))
    }

    fn done_by_hand(&mut self, payment: PaymentId, what: ManualStep) {
        let ManualStep::ResolveNetCancel { attempt, how: Finding::Undone } = what else { return };
        let Some(stored) = self.storage.read(Lookup::Id(payment)) else { return };
        let serial = stored.payment().attempts()[usize::from(attempt)].route().serial;
        for given in self.acquirers.values_mut().filter_map(|acquirer| acquirer.truth.get_mut(&serial)) {
            for given in given {
                given.cancelled = true;
            }
        }
    }

    /// Who is told that an order is carried out finds it among the events.
    pub(crate) fn check_operated(&mut self, token: u64, is_done: bool) {
        if !is_done {
            return;
        }
        self.incidents.insert(Incident::OrderCarriedOut);
        let name = format!("operator {token}");
        let is_recorded =
            self.storage.memory().events().iter().any(|row| match serde_json::from_str(&row.event) {
                Ok(Happened::Event(
                    Event::NetCancelRetried { by, .. }
                    | Event::NetCancelResolved { by, .. }
                    | Event::CancelRetried { by, .. }
                    | Event::CancelResolved { by, .. },
                )) => by.name() == name,
                Ok(_) | Err(_) => false,
            });
        if !is_recorded {
            self.violated(Invariant::DurableFirst, format!("order {token} is told done and not recorded"));
        }
    }
}
