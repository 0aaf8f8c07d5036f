//! The sandbox, when it cannot start and when it is stopped.

use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::support::{eventually, unwrapped};

fn sandbox(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switch"));
    command.arg("sandbox").args(arguments).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

#[test]
fn a_start_that_fails_says_why_and_exits_2() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let cases: [(&[&str], &str); 3] = [
        (&["--once", "--data", file.to_str().unwrap(), "--listen", "127.0.0.1:0"], "data folder"),
        (&["--once", "--listen", &address], &address),
        (&["--once", "--store", "memory"], "sqlite"),
    ];
    for (arguments, why) in cases {
        let ended = sandbox(arguments).output().unwrap();
        let told = unwrapped(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(why), "{arguments:?}: {told}");
        assert!(!told.contains("panicked"), "{told}");
    }
}

#[tokio::test]
async fn ctrl_c_during_the_day_ends_it() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("day");
    let log = folder.path().join("stdout");
    let mut child = sandbox(&["--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"])
        .stdout(fs::File::create(&log).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let listens = || fs::read_to_string(&log).unwrap_or_default().contains("configuration");
    eventually("it says where it listens", || listens().then_some(())).await;
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    let status = eventually("it ends", || child.try_wait().unwrap()).await;
    let mut stderr = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut stderr).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(
        status.code(),
        Some(1),
        "a day that was not played to its end is none that went well: {stderr}"
    );
    assert!(data.join("sandbox.toml").exists(), "what it was given stays");
}
