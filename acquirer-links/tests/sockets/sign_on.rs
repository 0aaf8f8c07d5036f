use super::acquirer::{Acquirer, Dead};
use super::*;

fn signing_on(address: &str) -> PoolSettings {
    PoolSettings { sign_on: true, connect_timeout: SHORT, ..settings(address) }
}

#[tokio::test(start_paused = true)]
async fn a_link_takes_requests_only_once_its_sign_on_was_accepted() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::Multiplexed, signing_on(&acquirer.address()));
    let mut socket = acquirer.accept().await;
    socket.expect(SIGN_ON, 1).await;
    assert_eq!(line.request(1), Err(NotSent::NoLink));
    socket.reply(SIGNED_ON, ACCEPTED).await;
    line.up(1).await;
    line.request(1).unwrap();
    socket.expect(APPROVAL, 1).await;
    socket.answer(APPROVAL, 1).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refused_sign_on_is_a_connection_that_failed_and_is_tried_again() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::OneInFlight, signing_on(&acquirer.address()));
    for number in 1..=2 {
        let mut socket = acquirer.accept().await;
        socket.expect(SIGN_ON, number).await;
        socket.reply(SIGNED_ON, ACCEPTED + 1).await;
        assert_eq!(line.lost().await, LinkLoss::SignOnRefused);
        assert!(socket.is_closed().await);
        assert_eq!(line.request(1), Err(NotSent::NoLink));
    }
}

#[tokio::test(start_paused = true)]
async fn a_sign_on_without_a_reply_and_one_that_is_hung_up_on_are_told_apart() {
    let acquirer = Acquirer::listen().await;
    let mut line = Line::start(Mode::Multiplexed, signing_on(&acquirer.address()));
    let silent = acquirer.accept().await;
    assert_eq!(line.lost().await, LinkLoss::SignOnSilent);
    drop(silent);
    drop(acquirer.accept().await);
    assert!(matches!(line.lost().await, LinkLoss::ClosedByPeer | LinkLoss::Io(_)));
}

#[tokio::test(start_paused = true)]
async fn what_comes_in_before_the_reply_to_a_sign_on_is_told_at_once() {
    let (dead, well) = (Dead::bind(), Acquirer::listen().await);
    let addresses = vec![dead.address(), well.address()];
    let mut line = Line::start(Mode::Multiplexed, PoolSettings { addresses, ..signing_on("") });
    let mut away = well.accept().await;
    away.reply(SIGNED_ON, ACCEPTED).await;
    line.back().await;
    // While the link is busy, nobody but who fetches it home has anything to tell.
    line.request(1).unwrap();
    away.expect(SIGN_ON, 1).await;
    away.expect(APPROVAL, 1).await;
    let back = dead.revive();
    let mut home = back.accept().await;
    home.answer(APPROVAL, 77).await;
    home.reply(SIGNED_ON, ACCEPTED).await;
    let told = timeout(TOO_LONG / 2, line.event()).await.expect("told while the link is busy");
    let stray = telegram(APPROVAL + 1, 77);
    assert_eq!(told, LinkEvent::Unknown { key: key_of(&stray), telegram: stray });
    away.answer(APPROVAL, 1).await;
    assert_eq!(line.outcome().await, answered(APPROVAL, 1));
}

#[tokio::test(start_paused = true)]
async fn a_socket_fetched_for_a_link_that_has_found_another_is_not_kept_unread() {
    let (dead, well) = (Dead::bind(), Acquirer::listen().await);
    let addresses = vec![dead.address(), well.address()];
    let settings = PoolSettings { addresses, connect_timeout: TOO_LONG, ..signing_on("") };
    let mut line = Line::start(Mode::Multiplexed, settings);
    let mut away = well.accept().await;
    away.reply(SIGNED_ON, ACCEPTED).await;
    line.back().await;
    let back = dead.revive();
    let mut fetched = back.accept().await;
    // The link is lost before the one that is fetched for it has signed on, and connects for itself.
    away.reset();
    line.lost().await;
    let mut own = tokio::select! {
        own = well.accept() => own,
        own = back.accept() => own,
    };
    fetched.reply(SIGNED_ON, ACCEPTED).await;
    own.expect(SIGN_ON, 3).await;
    own.reply(SIGNED_ON, ACCEPTED).await;
    line.back().await;
    fetched.expect(SIGN_ON, 2).await;
    tokio::select! {
        closed = fetched.is_closed() => assert!(closed),
        closed = own.is_closed() => assert!(closed),
    }
}

#[tokio::test(start_paused = true)]
async fn an_acquirer_that_refuses_every_sign_on_is_not_stormed() {
    let acquirer = Acquirer::listen().await;
    let settings = PoolSettings { backoff: Backoff::default(), links: 20, ..signing_on(&acquirer.address()) };
    let _line = Line::start(Mode::Multiplexed, settings);
    let mut sign_ons = 0;
    let counting = async {
        loop {
            let mut socket = acquirer.accept().await;
            sign_ons += 1;
            socket.reply(SIGNED_ON, ACCEPTED + 1).await;
            while !socket.is_closed().await {}
        }
    };
    let _: Result<(), _> = timeout(Duration::from_secs(15), counting).await;
    // With full jitter a pause may be short by chance, but not each of them.
    assert!((2..60).contains(&sign_ons), "{sign_ons} in 15 s");
}
