//! Whose turn it is among the VANs.

use desk::Way;
use payment::{AcquirerName, ContentDigest, MerchantNo, Request};
use rustc_hash::FxHashMap;

use super::{Candidates, Standing};
use crate::config::Config;

/// Rotations remembered; with more, all begin anew. There is one for each set of VANs that could carry a payment, and one more for each such
/// set of a merchant with shares of its own.
const ROTATIONS: usize = 100_000;
/// Turns of payments that are not durable yet; more are not given back.
const UNSETTLED: usize = 100_000;

/// Whose turn it is among the VANs: smooth weighted round-robin.
///
/// Each set of VANs that are able to carry a payment at its time (the merchant's contract, what the layouts hold, who is blocked) has a
/// rotation of its own. So the shares among them are exact over any window of plans with that set, and a VAN that was blocked comes back to
/// its ordinary share: it has saved up nothing.
#[derive(Debug, Default)]
pub struct Turns {
    rotations: FxHashMap<Set, Rotation>,
    unsettled: FxHashMap<ContentDigest, Vec<Turn>>,
}

/// The VANs that are able to carry a payment, as bits by their place among the shares, and the merchant where these are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Set {
    merchant: Option<MerchantNo>,
    able: u64,
}

/// A turn that was taken and can be given back.
#[derive(Debug)]
struct Turn {
    set: Set,
    van: AcquirerName,
}

impl Turns {
    /// The acquirers to try: the card company reached directly if the BIN has one, then the VANs, the one whose turn it is first and
    /// the others by weight. Acquirers that the merchant has no contract with, that cannot carry the payment or are blocked are left out;
    /// where all that are able are blocked they stay, so that each of them says so at once. None left is no route.
    ///
    /// One that is being tried again takes few requests. So whoever comes behind it has a turn for that, too: what it does not take is
    /// spread by weight.
    ///
    /// A plan takes turns, which are to be settled: [`Turns::started`] or else [`Turns::answered`]. The same telegram again takes no others until then.
    pub fn plan(
        &mut self,
        config: &Config,
        request: &Request,
        standing: impl Fn(&AcquirerName) -> Standing,
    ) -> Vec<Way> {
        let Candidates { direct, vans, has_own_shares, line: _ } = Candidates::of(config, request);
        let direct = direct.and_then(|direct| direct.way.ok());
        let able =
            vans.into_iter().enumerate().filter_map(|(place, van)| Some((place, van.weight, van.way.ok()?)));
        let able: Vec<Van> = able.map(|(place, weight, way)| Van { place, weight, way }).collect();
        let is_blocked = |way: &Way| standing(&way.acquirer) == Standing::Blocked;
        let (blocked, mut vans): (Vec<Van>, Vec<Van>) =
            able.into_iter().partition(|van| is_blocked(&van.way));
        let direct_first = direct.as_ref().filter(|direct| !is_blocked(direct));
        if vans.is_empty() && direct_first.is_none() {
            return direct.into_iter().chain(blocked.into_iter().map(|van| van.way)).collect();
        }
        let merchant = has_own_shares.then_some(request.merchant);
        // A direct company that takes the payment costs no VAN its turn.
        let mut is_taken = direct_first.is_some_and(|direct| standing(&direct.acquirer) == Standing::Open);
        for place in 0..vans.len() {
            if is_taken {
                break;
            }
            let turn = self.turn(request.digest, merchant, &vans[place..]);
            vans[place..=place + turn].rotate_right(1);
            is_taken = standing(&vans[place].way.acquirer) == Standing::Open;
        }
        let first = direct_first.cloned();
        first.into_iter().chain(vans.into_iter().map(|van| van.way)).collect()
    }

    /// The payment of this request is durable: it keeps its turn.
    pub fn started(&mut self, request: &Request) {
        self.unsettled.remove(&request.digest);
    }

    /// The request is answered: if no payment came of it, since it was a repeat or refused, its turns are given back.
    pub fn answered(&mut self, request: &Request) {
        for Turn { set, van } in self.unsettled.remove(&request.digest).into_iter().flatten() {
            if let Some(rotation) = self.rotations.get_mut(&set) {
                rotation.give_back(&van);
            }
        }
    }

    /// The place among these VANs of the one whose turn it is.
    fn turn(&mut self, telegram: ContentDigest, merchant: Option<MerchantNo>, vans: &[Van]) -> usize {
        let set = Set { merchant, able: vans.iter().fold(0, |able, van| able | van.bit()) };
        let taken = self.unsettled.get(&telegram).into_iter().flatten().find(|turn| turn.set == set);
        let of_taken = taken.and_then(|turn| vans.iter().position(|van| van.way.acquirer == turn.van));
        if let Some(turn) = of_taken {
            return turn;
        }
        if self.rotations.len() >= ROTATIONS && !self.rotations.contains_key(&set) {
            self.rotations.clear();
        }
        let turn = self.rotations.entry(set).or_default().next(vans);
        if self.unsettled.len() < UNSETTLED {
            let van = vans[turn].way.acquirer.clone();
            self.unsettled.entry(telegram).or_default().push(Turn { set, van });
        }
        turn
    }
}

/// A VAN that is able to carry the payment.
struct Van {
    /// Its place among the shares.
    place: usize,
    weight: u32,
    way: Way,
}

impl Van {
    fn bit(&self) -> u64 {
        1_u64.rotate_left(u32::try_from(self.place % 64).unwrap_or_default())
    }
}

/// The turns of one set of VANs.
#[derive(Debug, Default)]
struct Rotation {
    /// What each is owed, in parts of a turn: its weight for every turn there was, less all weights for every turn it had.
    owed: Vec<(AcquirerName, u32, i64)>,
}

impl Rotation {
    fn next(&mut self, vans: &[Van]) -> usize {
        let is_same = |(van, (name, weight, _)): (&Van, &(AcquirerName, u32, i64))| {
            van.weight == *weight && van.way.acquirer == *name
        };
        // Another configuration has other shares.
        if self.owed.len() != vans.len() || !vans.iter().zip(&self.owed).all(is_same) {
            self.owed = vans.iter().map(|van| (van.way.acquirer.clone(), van.weight, 0)).collect();
        }
        let mut turn = 0;
        for index in 0..self.owed.len() {
            self.owed[index].2 += i64::from(self.owed[index].1);
            if self.owed[index].2 > self.owed[turn].2 {
                turn = index;
            }
        }
        self.owed[turn].2 -= self.total();
        turn
    }

    fn give_back(&mut self, van: &AcquirerName) {
        let Some(turn) = self.owed.iter().position(|(name, ..)| name == van) else { return };
        self.owed[turn].2 += self.total();
        for (_, weight, owed) in &mut self.owed {
            *owed -= i64::from(*weight);
        }
    }

    fn total(&self) -> i64 {
        self.owed.iter().map(|(_, weight, _)| i64::from(*weight)).sum()
    }
}
