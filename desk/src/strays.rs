//! Answers nobody waits for: known by their serial alone.

use jiff::Timestamp;
use payment::{AcquirerName, Event, Payment, Serial};
use store::{Lookup, Note, Stored};

use crate::{Desk, Output, Stray};

impl Desk {
    pub(crate) fn stray(
        &mut self,
        acquirer: AcquirerName,
        serial: Serial,
        stray: Stray,
        out: &mut Vec<Output>,
    ) {
        let strays = self.strays.entry(serial).or_default();
        strays.push_back((acquirer, stray));
        if strays.len() == 1 {
            out.push(Output::LookUp(Lookup::Serial(serial)));
        }
    }

    pub(crate) fn stray_found(
        &mut self,
        acquirer: &AcquirerName,
        serial: Serial,
        stray: Stray,
        stored: Option<&Stored>,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        let meant = stored.and_then(|stored| {
            let event = event_of(stored.payment(), acquirer, serial, stray)?;
            Some((stored.id(), event))
        });
        let Some((id, event)) = meant else {
            return out.push(unknown(acquirer, serial, now));
        };
        if !self.may_hold(id, &event) {
            return out.push(unknown(acquirer, serial, now));
        }
        self.happened(id, event, now, out);
    }
}

/// What the journal keeps of an answer that changes no payment.
fn unknown(acquirer: &AcquirerName, serial: Serial, now: Timestamp) -> Output {
    let acquirer = acquirer.as_str().to_owned();
    Output::Note(Note::UnknownAnswer { at: now, acquirer, serial: Some(serial) })
}

/// What the answer means to the payment that has this serial; `None` where that went to another acquirer, or asked for something else.
fn event_of(payment: &Payment, acquirer: &AcquirerName, serial: Serial, stray: Stray) -> Option<Event> {
    let attempt_with = |by_own: bool| {
        let is_meant = |attempt: &payment::Attempt| {
            let route = attempt.route();
            let by_own = by_own && route.serial.of_net_cancel() == serial;
            route.acquirer == *acquirer && (route.serial == serial || by_own)
        };
        u8::try_from(payment.attempts().iter().position(is_meant)?).ok()
    };
    match stray {
        Stray::Request(answer) => Some(Event::Late { attempt: attempt_with(false)?, answer }),
        Stray::Undone { net_cancel, cancel: answer } => {
            let is_meant = |cancel: &payment::Cancel| cancel.serial() == serial;
            if let Some(cancel) = payment.cancels().iter().position(is_meant) {
                let route = payment.approving_route().filter(|route| route.acquirer == *acquirer);
                return route
                    .and(u8::try_from(cancel).ok().map(|cancel| Event::CancelAnswered { cancel, answer }));
            }
            // A net-cancel goes by its own serial or its original's, as the dialect has it.
            Some(Event::NetCancelAnswered { attempt: attempt_with(true)?, answer: net_cancel })
        }
    }
}
