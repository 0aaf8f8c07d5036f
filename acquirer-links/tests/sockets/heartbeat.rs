use super::acquirer::{Acquirer, Socket};
use super::*;

const HEARTBEAT: Duration = Duration::from_secs(5);

async fn connected(mode: Mode) -> (Line, Acquirer, Socket) {
    let acquirer = Acquirer::listen().await;
    let settings = PoolSettings { heartbeat: Some(HEARTBEAT), ..settings(&acquirer.address()) };
    let mut line = Line::start(mode, settings);
    let socket = acquirer.accept().await;
    line.up(1).await;
    (line, acquirer, socket)
}

/// On the clock that the test's waiting moves.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// A request that has longer than anything else here takes.
fn patient(serial: u64) -> Outgoing<u64> {
    outgoing(APPROVAL, serial, 100 * HEARTBEAT)
}

#[tokio::test(start_paused = true)]
async fn an_idle_link_is_asked_for_a_sign_of_life_and_lives_on_its_reply() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight] {
        let (line, _acquirer, mut socket) = connected(mode).await;
        let start = now();
        for number in 1..=5 {
            socket.expect(ECHO, number).await;
            socket.answer(ECHO, number).await;
        }
        assert!(now() - start >= 5 * HEARTBEAT);
        assert_eq!(line.carried(), (1, 0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_half_open_link_is_reset_within_two_heartbeats() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight] {
        let (mut line, acquirer, mut silent) = connected(mode).await;
        let start = now();
        assert_eq!(line.lost().await, LinkLoss::Silent);
        let taken = now() - start;
        assert!(taken + SHORT >= 2 * HEARTBEAT && taken <= 2 * HEARTBEAT + SHORT, "{taken:?}");
        silent.expect(ECHO, 1).await;
        assert!(silent.is_closed().await);

        let mut fresh = acquirer.accept().await;
        line.back().await;
        line.request(1).unwrap();
        fresh.expect(APPROVAL, 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_half_open_link_carries_is_unanswered_long_before_its_own_deadline() {
    let (mut line, _acquirer, mut silent) = connected(Mode::Multiplexed).await;
    let start = now();
    line.send(patient(1)).unwrap();
    silent.expect(APPROVAL, 1).await;
    silent.expect(ECHO, 1).await;
    let (tag, unanswered) = line.unanswered().await;
    assert_eq!((tag, unanswered.why), (1, UnansweredWhy::ConnectionLost));
    assert!(now() - start <= 2 * HEARTBEAT + SHORT);
}

#[tokio::test(start_paused = true)]
async fn the_reply_to_an_echo_answers_no_request_and_is_told_to_nobody() {
    let (mut line, _acquirer, mut socket) = connected(Mode::Multiplexed).await;
    for serial in [1, 2] {
        line.send(patient(serial)).unwrap();
        socket.expect(APPROVAL, serial).await;
    }
    socket.expect(ECHO, 1).await;
    line.send(patient(3)).unwrap();
    socket.expect(APPROVAL, 3).await;
    for serial in [3, 1] {
        socket.answer(APPROVAL, serial).await;
        socket.answer(ECHO, 1).await;
    }
    socket.answer(APPROVAL, 2).await;
    for serial in [3, 1, 2] {
        assert_eq!(line.outcome().await, answered(APPROVAL, serial));
    }
}

#[tokio::test(start_paused = true)]
async fn on_a_link_for_one_request_at_a_time_a_request_waits_for_the_echo() {
    let (mut line, _acquirer, mut socket) = connected(Mode::OneInFlight).await;
    socket.expect(ECHO, 1).await;
    line.request(1).unwrap();
    assert!(timeout(SHORT, socket.request()).await.is_err(), "a request beside an echo");
    socket.answer(ECHO, 1).await;
    socket.expect(APPROVAL, 1).await;
    socket.answer(APPROVAL, 1).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
}

#[tokio::test(start_paused = true)]
async fn on_a_link_for_one_request_at_a_time_no_echo_goes_beside_a_request() {
    let (mut line, _acquirer, mut socket) = connected(Mode::OneInFlight).await;
    line.send(patient(1)).unwrap();
    socket.expect(APPROVAL, 1).await;
    assert!(timeout(HEARTBEAT + HEARTBEAT / 2, socket.request()).await.is_err(), "an echo beside a request");
    socket.answer(APPROVAL, 1).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
    socket.expect(ECHO, 1).await;
}

#[tokio::test(start_paused = true)]
async fn an_echo_under_way_holds_up_no_closing() {
    for mode in [Mode::Multiplexed, Mode::OneInFlight] {
        let (line, _acquirer, mut socket) = connected(mode).await;
        socket.expect(ECHO, 1).await;
        let start = now();
        line.pool.close(start + 10 * HEARTBEAT).await;
        assert!(now() - start < HEARTBEAT);
        assert!(socket.is_closed().await);
    }
}

#[tokio::test]
async fn heartbeats_and_sign_ons_without_a_telegram_or_a_link_that_stays_are_refused() {
    let start = |change: fn(&mut LinkProfile, &mut PoolSettings)| {
        let mut profile = profile(Mode::Multiplexed);
        let mut settings = settings("127.0.0.1:1");
        change(&mut profile, &mut settings);
        let (events, _) = mpsc::channel(1);
        Pool::<u64>::start(profile, settings, events).err().map(|error| error.to_string())
    };
    let ok = start(|_, settings| (settings.heartbeat, settings.sign_on) = (Some(SHORT), true));
    assert_eq!(ok, None);
    let no_echo = start(|profile, settings| (profile.echo, settings.heartbeat) = (None, Some(SHORT)));
    assert_eq!(no_echo.unwrap(), "heartbeat is of no use: the acquirer's language has no telegram for it");
    let no_sign_on = start(|profile, settings| (profile.sign_on, settings.sign_on) = (None, true));
    assert_eq!(no_sign_on.unwrap(), "sign_on is of no use: the acquirer's language has no telegram for it");
    let per_request =
        start(|profile, settings| (profile.mode, settings.heartbeat) = (PER_REQUEST, Some(SHORT)));
    assert_eq!(per_request.unwrap(), "heartbeat is of no use: the acquirer takes one socket per request");
    let never = start(|_, settings| settings.heartbeat = Some(Duration::ZERO));
    assert_eq!(never.unwrap(), "heartbeat must not be zero");
}
