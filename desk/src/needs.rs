//! Which payments still need an acquirer.

use payment::{AcquirerName, PaymentId};

use crate::{Desk, register::Place};

impl Desk {
    /// The payments at the desk that are open and went to this acquirer. Those that are at the store just now count too, asked again later
    /// those `among` the ones found before: each turns out to need it or not.
    pub fn needing(&self, acquirer: &AcquirerName, among: Option<&[PaymentId]>) -> Vec<PaymentId> {
        let needs = |(id, place): (PaymentId, &Place)| {
            let needs = match place {
                Place::Idle(stored) => {
                    let payment = stored.payment();
                    payment.is_open()
                        && payment.attempts().iter().any(|attempt| attempt.route().acquirer == *acquirer)
                }
                Place::Saving { .. } | Place::Loading => among.is_none_or(|among| among.contains(&id)),
            };
            needs.then_some(id)
        };
        self.register.places().filter_map(needs).collect()
    }
}
