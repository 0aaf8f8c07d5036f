use std::process::{Command, Output};

use super::Home;

/// What a command of the switch said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `switch` with these words and the home's configuration. Acquirers go on meanwhile.
pub(crate) async fn switch_command(home: &Home, words: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switch"));
    command.args(words).arg("--config").arg(home.config()).env_remove("RUST_LOG");
    let ended = tokio::task::spawn_blocking(move || command.output());
    let Output { status, stdout, stderr } = ended.await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).expect("what people read is UTF-8");
    let ran = Ran { code: status.code(), out: text(stdout), err: text(stderr) };
    home.told(&ran.out);
    home.told(&ran.err);
    ran
}
