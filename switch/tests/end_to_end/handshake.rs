//! Listeners with handshake: ENQ, STX…ETX LRC, ACK, NAK, EOT.
//!
//! What must be true: the switch invites with ENQ; a bad LRC gets NAK, at most 3 times; the answer is repeated at NAK, at most 3 times; the terminal
//! prints only after EOT, which leaves only after its ACK is durable. No ACK within the time: the approval is net-cancelled. A connection carries
//! one exchange. A cancel is never net-cancelled for want of an ACK.

use telegram_replay::acquirer::{Event, Order};

use crate::support::{
    ACK, Approval, EOT, Handshake, NAK, Plan, Said, Shop, Telegram, count, direct, events, eventually,
    hold_commits, stays,
};

const LONG: u64 = 60_000;
const SHORT: u64 = 700;

async fn shop(within_ms: u64) -> Shop {
    Shop::open(|plan| Plan { handshake: Some(within_ms), ..plan }).await
}

#[tokio::test]
async fn a_whole_exchange_ends_with_eot_and_the_approval_stands() {
    let mut shop = shop(LONG).await;
    let to = shop.switch.listener("handshake");
    for approval in [Approval::new(1, 10_000), direct(2, 20_000)] {
        let mut line = Handshake::connect(to).await;
        let answer = line.ask(&approval).await;
        assert_eq!((answer.kind(), answer.code()), ("0110".into(), "0000".into()));
        assert_eq!(shop.state(&approval).await, "01", "not final before the ACK");
        line.say(ACK).await;
        line.expect(EOT).await;
        line.expect_end().await;
        assert_eq!(shop.state(&approval).await, "02");
        let again = Handshake::exchange(to, &approval).await;
        assert_eq!(again.content(), answer.content(), "its repeat");
    }
    shop.settled().await;
    assert_eq!(events(&shop.van.truth()), [Event::Approved]);
    assert_eq!(events(&shop.company.truth()), [Event::Approved]);
}

#[tokio::test]
async fn every_telegram_and_refusal_goes_by_the_same_handshake() {
    let mut shop = shop(LONG).await;
    let to = shop.switch.listener("handshake");
    let approval = Approval::new(1, 10_000);
    Handshake::exchange(to, &approval).await;
    let exchange = async |telegram: &Telegram| Handshake::exchange(to, telegram).await;
    assert_eq!(exchange(&Telegram::cancel(2, &approval, 4_000)).await.code(), "0000");
    assert_eq!(exchange(&Telegram::cancel(3, &approval, 6_001)).await.code(), "9032");
    assert_eq!(exchange(&Telegram::inquiry(4, &approval)).await.text("state"), "04");
    assert_eq!(exchange(&Telegram::net_cancel(5, &approval)).await.code(), "9032");
    assert_eq!(exchange(&Telegram::network(6, "301")).await.code(), "0000");
    let totals = Telegram::totals(7, approval.date(), [(1, 10_000), (1, 4_000), (0, 0)]);
    assert_eq!(exchange(&totals).await.text("difference"), "0");
    assert_eq!(Handshake::exchange(to, &Approval::new(8, 10_051)).await.code(), "8035");
    assert_eq!(
        Handshake::exchange(to, &Approval::new(9, 10_000).with("currency", "840")).await.code(),
        "9001"
    );
    shop.settled().await;
    assert_eq!(shop.state(&approval).await, "04");
}

#[tokio::test]
async fn a_wrong_lrc_is_asked_for_again_three_times_and_then_the_line_is_closed() {
    let shop = shop(LONG).await;
    let approval = Approval::new(1, 10_000);
    let mut line = shop.handshake().await;
    for _nak in 0..3 {
        line.send_with_wrong_lrc(&approval).await;
        line.expect(NAK).await;
    }
    line.send_with_wrong_lrc(&approval).await;
    line.expect_end().await;
    assert_eq!(shop.van.truth(), [], "nothing of it was taken");
    let mut line = shop.handshake().await;
    line.send_with_wrong_lrc(&approval).await;
    line.expect(NAK).await;
    assert_eq!(line.ask(&approval).await.code(), "0000");
    line.say(ACK).await;
    line.expect(EOT).await;
    assert_eq!(events(&shop.van.truth()), [Event::Approved]);
}

#[tokio::test]
async fn the_answer_is_given_again_at_nak_three_times() {
    let mut shop = shop(2_000).await;
    let approval = Approval::new(1, 10_000);
    let mut line = shop.handshake().await;
    let answer = line.ask(&approval).await;
    for _nak in 0..3 {
        line.say(NAK).await;
        assert_eq!(line.answer().await.0, answer.0, "byte for byte");
    }
    line.say(ACK).await;
    line.expect(EOT).await;
    assert_eq!(shop.state(&approval).await, "02");
    let approval = Approval::new(2, 20_000);
    let mut line = shop.handshake().await;
    line.send(&approval).await;
    for _nak in 0..4 {
        line.answer().await;
        line.say(NAK).await;
    }
    line.expect_end().await;
    shop.settled().await;
    assert_eq!(shop.state(&approval).await, "07", "it never had its answer whole");
}

#[tokio::test]
async fn without_an_ack_the_approval_is_net_cancelled_and_not_repeated() {
    let mut shop = shop(SHORT).await;
    for approval in [Approval::new(1, 10_000), direct(2, 10_000)] {
        let mut line = shop.handshake().await;
        assert_eq!(line.ask(&approval).await.code(), "0000");
        line.expect_end().await;
        shop.settled().await;
        assert_eq!(shop.state(&approval).await, "07");
        let answer = Handshake::exchange(shop.switch.listener("handshake"), &approval).await;
        assert_eq!(answer.code(), "9013");
    }
    assert_eq!((shop.van.live(), shop.company.live()), (vec![], vec![]));
}

#[tokio::test]
async fn eot_leaves_only_when_the_ack_is_durable() {
    let mut shop = shop(LONG).await;
    let approval = Approval::new(1, 10_000);
    let mut line = shop.handshake().await;
    line.ask(&approval).await;
    let commits = hold_commits(&shop.home);
    line.say(ACK).await;
    stays("EOT waits for the record", || !line.arrived()).await;
    commits.execute_batch("COMMIT").unwrap();
    line.expect(EOT).await;
    shop = shop.revived().await;
    assert_eq!(shop.state(&approval).await, "02");
}

#[tokio::test]
async fn an_ack_whose_record_was_lost_had_no_eot() {
    let shop = shop(1_500).await;
    let approval = Approval::new(1, 10_000);
    let mut line = shop.handshake().await;
    line.ask(&approval).await;
    let commits = hold_commits(&shop.home);
    line.say(ACK).await;
    stays("EOT waits for the record", || !line.arrived()).await;
    let Shop { van, company, home, switch, client } = shop;
    drop((company, client));
    switch.kill();
    commits.execute_batch("ROLLBACK").unwrap();
    drop(commits);
    line.expect_end().await;
    let switch = crate::support::Switch::start(&home).await;
    eventually("it is undone", || (count(&van.truth(), Event::NetCancelled) == 1).then_some(())).await;
    let answer = Handshake::exchange(switch.listener("handshake"), &approval).await;
    assert_eq!(answer.code(), "9013");
}

#[tokio::test]
async fn a_terminal_that_vanishes_leaves_nothing_standing_that_it_did_not_acknowledge() {
    let mut shop = shop(SHORT).await;
    // Before its telegram, and in the middle of it.
    shop.handshake().await.vanish();
    let mut line = shop.handshake().await;
    line.raw(b"\x020668").await;
    line.vanish();
    // After its telegram, with the answer still to come.
    let (before, after) = (Approval::new(1, 10_000), Approval::new(2, 20_000));
    shop.van.hold();
    let mut line = shop.handshake().await;
    line.send(&before).await;
    eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    line.vanish();
    shop.van.release(Order::FirstFirst).await;
    // After its answer.
    let mut line = shop.handshake().await;
    assert_eq!(line.ask(&after).await.code(), "0000");
    line.vanish();
    eventually("both are undone", || (count(&shop.van.truth(), Event::NetCancelled) == 2).then_some(()))
        .await;
    shop.settled().await;
    assert_eq!((shop.state(&before).await, shop.state(&after).await), ("07".into(), "07".into()));
    assert_eq!(shop.van.live(), []);
}

#[tokio::test]
async fn a_cancel_without_an_ack_stands() {
    let mut shop = shop(2_000).await;
    let to = shop.switch.listener("handshake");
    let approval = Approval::new(1, 10_000);
    Handshake::exchange(to, &approval).await;
    let cancel = Telegram::cancel(2, &approval, 4_000);
    let mut line = shop.handshake().await;
    let answer = line.ask(&cancel).await;
    assert_eq!(answer.code(), "0000");
    line.expect_end().await;
    assert_eq!(Handshake::exchange(to, &cancel).await.content(), answer.content());
    assert_eq!(shop.state(&approval).await, "04");
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::Cancelled]);
}

#[tokio::test]
async fn a_connection_carries_one_exchange_and_no_noise() {
    let shop = shop(LONG).await;
    let mut line = shop.handshake().await;
    line.raw(&[0xFF; 100]).await;
    line.expect_end().await;
    let mut line = shop.handshake().await;
    assert_eq!(line.ask(&Telegram::network(1, "301")).await.code(), "0000");
    line.raw(&[b'x'; 100]).await;
    line.expect_end().await;
    assert_eq!(shop.van.truth(), []);
}

#[tokio::test]
async fn a_whole_frame_without_a_header_ends_the_connection_and_only_a_broken_one_is_asked_for_again() {
    struct Short(usize);
    impl Said for Short {
        fn bytes(&self) -> Vec<u8> {
            vec![b'0'; self.0]
        }
    }
    let shop = shop(LONG).await;
    for length in [1, 59] {
        let mut line = shop.handshake().await;
        line.send(&Short(length)).await;
        line.expect_end().await;
    }
    let told = || shop.switch.log().matches("unreadable header: expected at least 60 bytes").count() == 2;
    eventually("each has its line", || told().then_some(())).await;
    let mut line = shop.handshake().await;
    line.send_with_wrong_lrc(&Short(59)).await;
    line.expect(NAK).await;
    let mut line = shop.handshake().await;
    line.send(&Approval::new(1, 10_000).with("header.telegram_type", "0110")).await;
    line.expect_end().await;
    assert_eq!(shop.van.truth(), []);
}
