//! Originals of long ago.
//!
//! What must be true: the original of an earlier day is still found, however many payments lie in between; a claim that has expired long ago
//! takes nothing away.

use jiff::ToSpan as _;

use crate::support::{Approval, Client, LooseEnd, Past, Shop, Switch, Telegram, direct, now};

const CROWD: u32 = 50_000;

#[tokio::test]
async fn an_approval_of_last_month_is_found_among_fifty_thousand_and_cancelled() {
    let mut shop = Shop::open(|plan| plan).await;
    // The approvals of last month are written by hand, and are the same to the acquirers as today's.
    shop.home.leaves(&[LooseEnd::Rows]);
    let approvals = [Approval::new(1, 10_000), direct(2, 20_000)];
    for approval in &approvals {
        shop.approve(approval).await;
    }
    let Shop { van, company, home, switch, client } = shop;
    drop(client);
    switch.stop().await;
    let day = now().date() - 31.days();
    let mut past = Past::of(&home);
    for approval in &approvals {
        past.repeat_on(approval, day);
    }
    past.crowd(&approvals[0], day, CROWD);
    drop(past);
    let switch = Switch::start(&home).await;
    let client = Client::connect(switch.terminals).await;
    let mut shop = Shop { client, switch, home, van, company };
    let stored: u32 =
        shop.home.open().query_row("SELECT count(*) FROM payment", [], |row| row.get(0)).unwrap();
    assert_eq!(stored, CROWD + 4);
    for (trace, approval) in (10..).step_by(10).zip(approvals) {
        let total = approval.total();
        let old = approval.sent_at(|at| day.to_datetime(at.time()));
        assert_eq!(shop.state(&old).await, "02");
        assert_eq!(shop.code(&Telegram::cancel(trace, &old, 4_000)).await, "0000");
        assert_eq!(shop.state(&old).await, "04");
        assert_eq!(shop.code(&Telegram::cancel(trace + 1, &old, total)).await, "9032");
        assert_eq!(shop.code(&Telegram::net_cancel(trace + 2, &old)).await, "9032");
        let rest = Telegram::cancel(trace + 3, &old, total - 4_000);
        assert_eq!(shop.code(&rest).await, "0000");
        assert_eq!(shop.code(&rest).await, "0000", "repeated");
        assert_eq!(shop.state(&old).await, "05");
        assert_eq!(shop.code(&old).await, "9004", "it cannot be asked for again");
    }
    assert_eq!((shop.van.live(), shop.company.live()), (vec![], vec![]));
    let refused = Approval::new(100_000 + CROWD - 1, 10_000).sent_at(|at| day.to_datetime(at.time()));
    assert_eq!(shop.state(&refused).await, "03");
    assert_eq!(shop.code(&Telegram::cancel(90, &refused, 10_000)).await, "9030");
    let claimed = [(0, 0), (4, 30_000), (0, 0)];
    let today = shop.client.ask(&Telegram::totals(91, now().date(), claimed)).await.totals().0;
    assert_eq!(today[1], claimed[1], "last month's originals, cancelled today");
    assert_eq!(today[0], (2, 30_000));
}
