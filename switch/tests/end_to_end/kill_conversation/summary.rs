//! What runs came to: a test in which nothing happens proves nothing.

use std::{fmt, ops::AddAssign};

use super::terminal::Terminal;

/// How often what happened, as the terminals were told.
#[derive(Clone, Copy, Default)]
pub(super) struct Summary {
    purchases: usize,
    standing: usize,
    acknowledged: usize,
    acknowledged_in_vain: usize,
    withdrawn: usize,
    net_cancelled: usize,
    cancels: usize,
    in_doubt: usize,
    refused: usize,
}

impl Summary {
    pub(super) fn of(terminals: &[Terminal]) -> Self {
        let purchases = || terminals.iter().flat_map(|terminal| &terminal.purchases);
        let cancels = |code| {
            let cancels = purchases().flat_map(|purchase| &purchase.cancels);
            cancels.filter(|cancel| cancel.asked.is(code)).count()
        };
        let acknowledgements = |code| {
            let acknowledgements = purchases().filter_map(|purchase| purchase.acknowledgement.as_ref());
            acknowledgements.filter(|asked| asked.is(code)).count()
        };
        let all = purchases().map(|purchase| purchase.cancels.len()).sum::<usize>();
        Self {
            purchases: purchases().count(),
            standing: purchases().filter(|purchase| purchase.stands()).count(),
            acknowledged: acknowledgements("0000"),
            acknowledged_in_vain: acknowledgements("9013"),
            withdrawn: purchases().filter(|purchase| purchase.is_withdrawn()).count(),
            net_cancelled: purchases().filter(|purchase| purchase.is_net_cancelled()).count(),
            cancels: cancels("0000"),
            in_doubt: cancels("9023"),
            refused: all - cancels("0000") - cancels("9023"),
        }
    }

    pub(super) fn assert_that_everything_happened(self) {
        let Self {
            purchases,
            standing,
            acknowledged,
            acknowledged_in_vain,
            withdrawn,
            net_cancelled,
            cancels,
            in_doubt,
            refused,
        } = self;
        let all = [
            purchases,
            standing,
            acknowledged,
            acknowledged_in_vain,
            withdrawn,
            net_cancelled,
            cancels,
            in_doubt,
            refused,
        ];
        assert!(all.iter().all(|count| *count > 0), "something never happened: {self}");
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.purchases += other.purchases;
        self.standing += other.standing;
        self.acknowledged += other.acknowledged;
        self.acknowledged_in_vain += other.acknowledged_in_vain;
        self.withdrawn += other.withdrawn;
        self.net_cancelled += other.net_cancelled;
        self.cancels += other.cancels;
        self.in_doubt += other.in_doubt;
        self.refused += other.refused;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            purchases,
            standing,
            acknowledged,
            acknowledged_in_vain,
            withdrawn,
            net_cancelled,
            cancels,
            in_doubt,
            refused,
        } = self;
        write!(
            f,
            "{purchases} purchases, {standing} stand, {withdrawn} withdrawn, {net_cancelled} net-cancelled; "
        )?;
        write!(f, "{acknowledged} acknowledged, {acknowledged_in_vain} in vain; ")?;
        write!(f, "{cancels} cancels, {in_doubt} in doubt, {refused} refused")
    }
}
