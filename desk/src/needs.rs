//! Which payments still need an acquirer.

use payment::{AcquirerName, PaymentId};

use crate::{Desk, register::Place};

impl Desk {
    /// The payments at the desk that are open and went to this acquirer. Those that are at the store just now count too: asked again later
    /// `among` the ones found, each turns out to need it or not.
    pub fn needing(&self, acquirer: &AcquirerName, among: Option<&[PaymentId]>) -> Vec<PaymentId> {
        let needs = |place: &Place| match place {
            Place::Idle(stored) => {
                let payment = stored.payment();
                payment.is_open()
                    && payment.attempts().iter().any(|attempt| attempt.route().acquirer == *acquirer)
            }
            Place::Saving { .. } | Place::Loading => true,
        };
        let needing = |(id, place): (PaymentId, &Place)| needs(place).then_some(id);
        match among {
            None => self.register.places().filter_map(needing).collect(),
            Some(ids) => {
                let place = |id: &PaymentId| Some((*id, &self.register.get(*id)?.place));
                ids.iter().filter_map(place).filter_map(needing).collect()
            }
        }
    }
}
