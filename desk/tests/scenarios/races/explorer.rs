//! Walks through every order of actions, once for each state that can be reached, replaying from the start.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::place::{Place, Race};

/// More states than any of these races has: beyond them it is too large to be explored.
const TOO_MANY: usize = 60_000;

/// Explores a race whole and tells how large it was; panics at the first order that breaks a rule, and tells it.
#[allow(clippy::print_stdout, reason = "how many orders were tried belongs to what the test shows")]
pub(crate) fn explore(race: &Race) {
    let mut explorer = Explorer { race, ways: HashMap::new(), leaves: 0 };
    let orders = explorer.from(&mut Vec::new());
    let (states, ends) = (explorer.ways.len(), explorer.leaves);
    println!("{}: {orders} interleavings, {states} states, {ends} of them ends", race.name);
    assert!(orders > 1, "{} is no race", race.name);
}

struct Explorer<'a> {
    race: &'a Race,
    /// How many orders lead from a state to an end.
    ways: HashMap<u64, u128>,
    leaves: usize,
}

impl Explorer<'_> {
    fn from(&mut self, order: &mut Vec<usize>) -> u128 {
        let mut place = Place::new(self.race);
        for choice in order.iter() {
            place.act(place.actions()[*choice]);
        }
        let mut hasher = DefaultHasher::new();
        place.fingerprint().hash(&mut hasher);
        let state = hasher.finish();
        if let Some(ways) = self.ways.get(&state) {
            return *ways;
        }
        assert!(self.ways.len() < TOO_MANY, "{} has too many states", self.race.name);
        let choices = place.actions().len();
        let mut ways = 0;
        if place.is_over() {
            self.leaves += 1;
            ways += 1;
            place.check();
        }
        for choice in 0..choices {
            order.push(choice);
            ways += self.from(order);
            order.pop();
        }
        self.ways.insert(state, ways);
        ways
    }
}
