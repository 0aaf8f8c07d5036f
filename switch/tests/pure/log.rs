//! Where log lines go.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    },
};

use switch::log::{Log, WAITING};
use tracing_subscriber::fmt::MakeWriter as _;

/// Takes the first line only when it is let go.
struct Sink {
    go: Option<Receiver<()>>,
    text: Arc<Mutex<Vec<u8>>>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(go) = self.go.take() {
            go.recv().unwrap();
        }
        self.text.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_log_that_stands_still_holds_nobody_up_and_tells_how_many_lines_it_lost() {
    let (release, go) = channel();
    let text = Arc::new(Mutex::new(Vec::new()));
    let log = Log::start(Sink { go: Some(go), text: text.clone() }).unwrap();
    // One may be in the sink's hands already.
    let lines = WAITING + 101;
    for number in 0..lines {
        log.make_writer().write_all(format!("line {number}\n").as_bytes()).unwrap();
    }
    release.send(()).unwrap();
    let so_far = || String::from_utf8(text.lock().unwrap().clone()).unwrap();
    while !so_far().contains("lines were lost") {
        std::thread::yield_now();
    }
    log.finish();
    let text = so_far();
    let kept = text.lines().filter(|line| line.starts_with("line ")).count();
    let told = text.lines().find(|line| line.contains("lines were lost")).unwrap();
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!(told["fields"]["lines"], lines - kept);
    assert!(kept == WAITING || kept == WAITING + 1, "{kept}");
}
