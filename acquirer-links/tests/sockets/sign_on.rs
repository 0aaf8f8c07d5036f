use super::acquirer::Acquirer;
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
