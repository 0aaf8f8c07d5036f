//! Whoever reads the log.

use telegram_replay::acquirer::Script;

use crate::support::{Approval, Client, Home, Plan, Switch, acquirer};

#[tokio::test]
async fn a_log_that_nobody_reads_holds_up_no_payment() {
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&Plan::van(&van).toml());
    let mut command = Switch::command(&home);
    // Far more than a pipe holds.
    command.env("RUST_LOG", "trace");
    let switch = Switch::run(command).await;
    switch.ignore_log();
    let mut client = Client::connect(switch.terminals).await;
    for trace in 1..=500 {
        assert_eq!(client.ask(&Approval::new(trace, 10_000)).await.code(), "0000");
    }
}
