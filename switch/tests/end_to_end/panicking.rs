//! A task that panics, or memory that runs out: the process ends with it, and the next start recovers what was under way.

use std::{
    env,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use switch::{config::Config, panics, serve};
use telegram_replay::acquirer::{Event, Script};
use tokio_util::sync::CancellationToken;

use crate::support::{Approval, Client, Home, LooseEnd, Plan, Switch, acquirer, count, eventually, framed};

/// Where the configuration is of the switch that is to panic.
const CONFIGURATION: &str = "SWITCH_THAT_PANICS";
const SIGABRT: i32 = 6;

fn mistake(configuration: &Path) -> PathBuf {
    configuration.with_extension("mistake")
}

#[tokio::test]
async fn a_task_that_panics_ends_the_process_and_the_next_start_recovers() {
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&Plan::van(&van).toml());
    // Who waited for the second has no answer.
    home.leaves(&[LooseEnd::Terminals]);
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "panicking::the_switch_that_panics", "--nocapture"]);
    command.env(CONFIGURATION, home.config());
    let switch = Switch::run(command).await;
    let mut client = Client::connect(switch.terminals).await;
    let (known, waits) = (Approval::new(1, 10_000), Approval::new(2, 20_000));
    assert_eq!(client.ask(&known).await.code(), "0000");
    van.hold();
    client.send(std::slice::from_ref(&waits)).await;
    eventually("it is at the VAN", || (van.held() == 1).then_some(())).await;
    assert_eq!(core_file_limits(switch.pid()), ["0", "0"], "its memory is not written anywhere");
    std::fs::write(mistake(&home.config()), "").unwrap();
    assert!(client.receive().await.is_none(), "nobody is answered any more");
    let (status, log) = switch.ended().await;
    assert_eq!(status.signal(), Some(SIGABRT), "{log}");
    assert!(!status.core_dumped(), "{log}");
    assert!(log.contains("a mistake of ours"), "{log}");

    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    let switch = Switch::start(&home).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!((van.live().len(), count(&van.truth(), Event::NetCancelled)), (1, 1));
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&known).await.code(), "0000");
    assert_eq!(client.ask(&waits).await.code(), "9013");
    switch.stop().await;
}

#[tokio::test]
async fn a_switch_that_is_given_no_more_memory_ends_and_the_next_start_recovers() {
    let van = acquirer("kovan", Script::default()).await;
    let home = Home::new(&Plan::van(&van).toml());
    // Nobody who waited then has an answer.
    home.leaves(&[LooseEnd::Terminals]);
    let mut switch = Switch::start(&home).await;
    assert_eq!(core_file_limits(switch.pid()), ["0", "0"], "also of the program itself");
    let mut client = Client::connect(switch.terminals).await;
    let known = Approval::new(1, 10_000);
    assert_eq!(client.ask(&known).await.code(), "0000");
    van.hold();
    let limit = format!("--as={}", in_use_kib(switch.pid()) * 1024);
    let limited =
        Command::new("prlimit").args(["--pid", &switch.pid().to_string(), &limit]).status().unwrap();
    assert!(limited.success());
    // Each that waits for its answer takes some, until there is none.
    let mut trace = 1;
    while switch.is_alive() {
        assert!(trace < 20_000, "its memory has no end");
        for _ in 0..50 {
            trace += 1;
            // It may end at any of them.
            let _ = client.try_raw(&framed(&Approval::new(trace, 20_000).bytes())).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (status, log) = switch.ended().await;
    assert!(!status.success(), "{log}");

    van.release(telegram_replay::acquirer::Order::FirstFirst).await;
    let switch = Switch::start(&home).await;
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_eq!(van.live().len(), 1);
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&known).await.code(), "0000");
    switch.stop().await;
}

/// How large a core file of that process may be, and how large it may make that.
fn core_file_limits(pid: u32) -> [String; 2] {
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).expect("a limit");
    let mut words = line.split_whitespace().map(str::to_owned);
    [words.next().expect("a soft limit"), words.next().expect("a hard limit")]
}

/// The address space of a process.
fn in_use_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).expect("a size");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Where a configuration is named, the process of the first test above: a file beside it tells that to make a mistake in a task of its own.
#[tokio::test]
async fn the_switch_that_panics() {
    let Some(configuration) = env::var_os(CONFIGURATION).map(PathBuf::from) else { return };
    panics::end_the_process();
    let config = Config::read(&configuration).unwrap();
    let serving = serve::start(config, None).await.unwrap();
    let address = serving.terminals["terminals"];
    for listener in ["terminals", "admin"] {
        eprintln!(r#"{{"fields":{{"message":"listening","listener":"{listener}","address":"{address}"}}}}"#);
    }
    let told = mistake(&configuration);
    tokio::spawn(async move {
        while !told.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("a mistake of ours");
    });
    serving.run(CancellationToken::new()).await.unwrap();
}
