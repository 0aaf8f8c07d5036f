//! What is learnt of each address, and what follows from it.

use super::*;
use crate::BreakerState::{Blocked, Passing, Probing};
use crate::dialing::Turn;
use crate::traffic::Stray;
use crate::{BreakerSettings, BreakerState};

/// Two addresses, each blocked after two failures for at most a second; lane 0 and 2 belong to the first.
fn breaking(links: usize) -> PoolSettings {
    let breaker = BreakerSettings { failures: 2, slow: None, pause: SECOND, max_pause: SECOND };
    PoolSettings { breaker, ..settings(links) }
}

impl Desk {
    fn up_at(&mut self, lane: usize, address: usize) -> LinkId {
        self.outboxes[lane] = Outbox::new(format());
        self.traffic.link_up(lane, address, self.now)
    }

    /// Asks by a lane until its address is blocked.
    fn block(&mut self, lane: usize) {
        let link = self.traffic.link(lane);
        for serial in 100..102 {
            let follow = Some(link);
            let outgoing = Outgoing { follow, ..self.outgoing(APPROVAL, serial) };
            self.traffic.send(outgoing, self.now).unwrap();
        }
        self.write(lane, 1_000);
        self.pass(10 * SECOND);
        let address = &self.traffic.state().addresses[self.traffic.lanes[lane].address];
        assert_eq!(address.breaker, Blocked);
        self.events();
    }

    fn breakers(&self) -> (BreakerState, Vec<BreakerState>) {
        let state = self.traffic.state();
        (state.breaker, state.addresses.iter().map(|address| address.breaker).collect())
    }

    fn undo(&mut self, serial: u32) -> Result<(), NotSent> {
        let outgoing = Outgoing { purpose: Purpose::Undo, ..self.outgoing(NET_CANCEL, serial) };
        self.traffic.send(outgoing, self.now)
    }
}

#[test]
fn the_acquirer_is_blocked_when_all_addresses_with_links_are() {
    let mut desk = Desk::with(Mode::Multiplexed, &breaking(2));
    desk.up_at(0, 0);
    assert_eq!(desk.breakers(), (Passing, vec![Passing, Passing]));
    desk.block(0);
    assert_eq!(desk.breakers(), (Blocked, vec![Blocked, Passing]), "nobody is at the other");
    assert_eq!(desk.send(1), Err(NotSent::Blocked));
    desk.up_at(1, 1);
    assert_eq!(desk.breakers().0, Passing);
    for serial in 1..=5 {
        desk.send(serial).unwrap();
    }
    assert_eq!((desk.write(0, 1_000), desk.write(1, 1_000)), (0, 50));
    desk.down(1);
    assert_eq!(desk.breakers().0, Blocked);
    assert_eq!(desk.undo(6), Ok(()));
    assert_eq!(desk.write(0, 1_000), 10);
}

#[test]
fn an_acquirer_that_answers_what_undoes_and_nothing_else_is_blocked() {
    let addresses = vec!["10.0.0.1:1".into()];
    let mut desk = Desk::with(Mode::Multiplexed, &PoolSettings { addresses, ..breaking(1) });
    desk.up_at(0, 0);
    for serial in 1..=2 {
        assert_eq!(desk.breakers().0, Passing);
        desk.send(serial).unwrap();
        desk.write(0, 1_000);
        desk.pass(10 * SECOND);
        desk.undo(serial).unwrap();
        desk.write(0, 1_000);
        desk.answer(NET_CANCEL, serial, Some(0));
    }
    assert_eq!(desk.breakers().0, Blocked);
}

#[test]
fn each_change_is_told_once() {
    let mut desk = Desk::with(Mode::Multiplexed, &breaking(1));
    desk.up_at(0, 0);
    for serial in 1..=5 {
        desk.send(serial).unwrap();
    }
    desk.write(0, 1_000);
    desk.events();
    desk.pass(10 * SECOND);
    let told = |desk: &mut Desk| {
        let changes = desk.events().into_iter().filter_map(|event| match event {
            LinkEvent::Breaker { old, new } => Some((old, new)),
            LinkEvent::Outcome { .. }
            | LinkEvent::Late { .. }
            | LinkEvent::Unknown { .. }
            | LinkEvent::Flooded { .. }
            | LinkEvent::Up { .. }
            | LinkEvent::Down { .. } => None,
        });
        changes.collect::<Vec<_>>()
    };
    assert_eq!(told(&mut desk), [(Passing, Blocked)]);
    desk.pass(SECOND);
    assert_eq!(told(&mut desk), [(Blocked, Probing)]);
    desk.send(6).unwrap();
    desk.write(0, 1_000);
    desk.answer(APPROVAL, 6, Some(0));
    assert_eq!(told(&mut desk), [(Probing, Passing)]);
}

#[test]
fn requests_that_wait_are_refused_once_nobody_takes_them_and_what_undoes_goes_on() {
    let addresses = vec!["10.0.0.1:1".into()];
    let mut desk = Desk::with(Mode::OneInFlight, &PoolSettings { addresses, ..breaking(2) });
    desk.up_at(0, 0);
    desk.up_at(1, 0);
    for serial in 1..=2 {
        desk.send(serial).unwrap();
    }
    assert_eq!([0, 1].map(|lane| desk.write(lane, 1_000)), [10, 10]);
    desk.now += SECOND;
    desk.send(3).unwrap();
    desk.undo(4).unwrap();
    desk.pass(9 * SECOND);
    let refused = (3, Outcome::NotSent(NotSent::Blocked));
    let outcomes = desk.outcomes();
    assert!(outcomes.contains(&refused) && outcomes.len() == 3, "{outcomes:?}");
    desk.traffic.replaced(0);
    desk.up_at(0, 0);
    assert_eq!(desk.write(0, 1_000), 10, "the net-cancel goes");
}

#[test]
fn a_request_that_was_to_find_out_and_was_not_sent_leaves_that_to_the_next() {
    let mut desk = Desk::with(Mode::Multiplexed, &breaking(1));
    desk.up_at(0, 0);
    desk.block(0);
    desk.pass(SECOND);
    desk.send(1).unwrap();
    assert_eq!(desk.send(2), Err(NotSent::Blocked));
    desk.pass(10 * SECOND);
    assert_eq!(desk.outcomes(), [(1, Outcome::NotSent(NotSent::DeadlinePassed))]);
    assert_eq!(desk.breakers().0, Probing);
    assert_eq!(desk.send(3), Ok(()));
}

#[test]
fn connections_refused_beside_links_that_work_block_nobody() {
    let mut desk = Desk::with(Mode::Multiplexed, &breaking(2));
    desk.up_at(0, 0);
    for _ in 0..10 {
        desk.now += 10 * SECOND;
        let Turn::Dial(address) = desk.traffic.turn(0, desk.now) else { panic!("the pause is over") };
        desk.traffic.not_dialed(address, desk.now, desk.now);
    }
    assert_eq!(desk.breakers(), (Passing, vec![Passing, Passing]));
}

#[test]
fn without_a_link_a_dead_acquirer_stays_blocked_and_its_pause_wakes_nobody() {
    let mut desk = Desk::with(Mode::Multiplexed, &breaking(1));
    for _ in 0..10 {
        desk.now += 10 * SECOND;
        while let Turn::Dial(address) = desk.traffic.turn(0, desk.now) {
            desk.traffic.not_dialed(address, desk.now, desk.now);
        }
    }
    assert_eq!(desk.breakers(), (Blocked, vec![Blocked, Blocked]));
    assert_eq!(desk.traffic.set_clock(Waker::noop()), None);
    desk.pass(100 * SECOND);
    assert_eq!(desk.breakers().0, Blocked);
    desk.up_at(0, 0);
    assert_eq!(desk.breakers(), (Probing, vec![Probing, Blocked]));
}

#[test]
fn links_away_from_home_are_fetched_once_that_is_of_use() {
    let mut desk = Desk::with(Mode::OneInFlight, &breaking(1));
    desk.up_at(0, 0);
    for serial in 1..=2 {
        desk.send(serial).unwrap();
        desk.write(0, 1_000);
        desk.pass(10 * SECOND);
        desk.traffic.replaced(0);
        if serial == 1 {
            desk.up_at(0, 0);
        }
    }
    assert_eq!(desk.traffic.turn(0, desk.now), Turn::Dial(1), "its own is silent");
    desk.traffic.dialed(1, desk.now);
    desk.up_at(0, 1);
    let Stray::Wait(Some(at)) = desk.traffic.stray(Waker::noop(), desk.now) else {
        panic!("its own is still blocked")
    };
    desk.pass(at - desk.now);
    assert_eq!(desk.traffic.stray(Waker::noop(), desk.now), Stray::Fetch { lane: 0, home: 0 });
    desk.traffic.dialed(0, desk.now);
    let link = desk.traffic.link(0);
    assert_eq!(desk.traffic.go_home(Waker::noop(), link, desk.now), Ok(()));
    assert_eq!(desk.traffic.leave(0), Some(Leave::Home));
    desk.traffic.link_down(0, LinkLoss::WentHome, desk.now);
    desk.up_at(0, 0);
    assert_eq!(desk.breakers().0, Probing);
}

#[test]
fn a_link_that_may_still_hear_a_late_answer_does_not_go_home() {
    let mut desk = Desk::with(Mode::Multiplexed, &breaking(2));
    desk.up_at(0, 1);
    desk.up_at(1, 1);
    let (link, sent_at) = (desk.traffic.link(0), desk.now);
    let outgoing = Outgoing { follow: Some(link), ..desk.outgoing(APPROVAL, 1) };
    desk.traffic.send(outgoing, desk.now).unwrap();
    desk.write(0, 1_000);
    assert_eq!(desk.traffic.go_home(Waker::noop(), link, desk.now), Err(None));
    for serial in 2..=4 {
        desk.send(serial).unwrap();
    }
    assert_eq!((desk.write(0, 1_000), desk.write(1, 1_000)), (0, 30), "it takes no more");
    desk.pass(10 * SECOND);
    let owes_until = sent_at + 70 * SECOND;
    assert_eq!(desk.traffic.go_home(Waker::noop(), link, desk.now), Err(Some(owes_until)));
    desk.now = owes_until;
    assert_eq!(desk.traffic.go_home(Waker::noop(), link, desk.now), Ok(()));
}

#[test]
fn the_only_link_goes_on_taking_requests_until_it_happens_to_be_idle() {
    let mut desk = Desk::with(Mode::Multiplexed, &breaking(1));
    let link = desk.up_at(0, 1);
    desk.send(1).unwrap();
    assert_eq!(desk.traffic.go_home(Waker::noop(), link, desk.now), Err(None));
    assert_eq!(desk.send(2), Ok(()));
    desk.write(0, 1_000);
    for serial in [1, 2] {
        desk.answer(APPROVAL, serial, Some(0));
    }
    assert_eq!(desk.traffic.go_home(Waker::noop(), link, desk.now), Ok(()));
}

#[test]
fn a_breaker_with_other_settings_knows_what_it_knew() {
    let mut desk = Desk::with(Mode::Multiplexed, &breaking(1));
    desk.up_at(0, 0);
    let tuned = BreakerSettings { failures: 4, slow: None, pause: SECOND, max_pause: SECOND };
    desk.block(0);
    desk.traffic.tune(tuned);
    assert_eq!(desk.breakers().1, [Blocked, Passing], "a pause lasts as long as it was to");
    desk.pass(SECOND);
    desk.send(1).unwrap();
    desk.write(0, 1_000);
    desk.answer(APPROVAL, 1, Some(0));
    assert_eq!(desk.breakers().1, [Passing, Passing]);
    for serial in 2..=4 {
        desk.send(serial).unwrap();
    }
    desk.write(0, 1_000);
    desk.pass(10 * SECOND);
    assert_eq!(desk.breakers().1, [Passing, Passing], "three failures are fewer than four");
    desk.traffic.tune(BreakerSettings { failures: 1, ..tuned });
    desk.send(5).unwrap();
    desk.write(0, 1_000);
    desk.pass(10 * SECOND);
    assert_eq!(desk.breakers().1, [Blocked, Passing]);
}
