//! The command line as its users meet it: what it prints, and its exit codes.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

#[path = "command_line/telegrams.rs"]
mod telegrams;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn tool() -> Command {
    Command::new(env!("CARGO_BIN_EXE_telegram-replay"))
}

fn run(args: &[&str]) -> (i32, String, String) {
    outcome(&tool().args(args).output().unwrap())
}

fn outcome(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn layout(name: &str) -> String {
    Path::new(specs::LAYOUTS_DIR).join(name).display().to_string()
}

/// A simulated acquirer in its own process, killed at the end.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn acquirer(args: &[&str]) -> Self {
        let mut child = tool()
            .args(["acquirer", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(line.contains("listens on 127.0.0.1:"), "{line}");
        Self { child, address }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn file(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// A card450 PAYMENT of one card number, as on the wire.
fn payment() -> Vec<u8> {
    let mut telegram = vec![b' '; 450];
    for (at, text) in [
        (0, " 446"),
        (4, "PAYMENT"),
        (14, "M1"),
        (34, "4579731234567892"),
        (54, "00"),
        (56, "1229"),
        (63, "     50000"),
        (73, "0000004545"),
    ] {
        telegram[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    telegram
}

#[test]
fn lint_accepts_the_shipped_layouts_and_names_a_planted_gap() {
    let (code, out, _) = run(&["lint", specs::LAYOUTS_DIR]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("kovan-approval.toml: 32 fields, 356 bytes, no findings"), "{out}");

    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(layout("terminal-header.toml")).unwrap();
    let broken =
        text.replace("at    = 26", "at    = 27").replace("title = \"전문버전\"", "titel = \"전문버전\"");
    let path = file(folder.path(), "terminal-header.toml", broken.as_bytes());
    let (code, out, _) = run(&["lint", path.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(out.contains("field \"trace_no\"") && out.contains("a gap of 1 byte"), "{out}");
    assert!(out.contains("titel"), "all findings at once: {out}");
}

#[test]
fn lint_lists_what_is_assumed_on_request() {
    let (code, out, _) = run(&["lint", "--assumed", &layout("kovan-reply.toml")]);
    assert_eq!(code, 0);
    assert!(out.contains("note: field \"mti\" is assumed: "), "{out}");
}

#[test]
fn lint_notes_what_is_lenient_once_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let header = std::fs::read_to_string(layout("kspay-header.toml")).unwrap();
    let header =
        header.replacen("kind  = \"text\"", "kind  = \"text\"\nlenient = [\"nul\", \"alignment\"]", 1);
    let header = file(folder.path(), "kspay-header.toml", header.as_bytes());
    let line = 1 + std::fs::read_to_string(&header)
        .unwrap()
        .split("name  = \"store_id\"")
        .next()
        .unwrap()
        .matches('\n')
        .count();
    for name in ["kspay-credit.toml", "kspay-cancel.toml"] {
        std::fs::copy(layout(name), folder.path().join(name)).unwrap();
    }
    let (code, out, _) = run(&["lint", folder.path().to_str().unwrap()]);
    assert_eq!(code, 0, "a leniency is no finding: {out}");
    let note = format!("{}:{line}: note: field \"store_id\" is lenient: alignment, nul\n", header.display());
    assert_eq!(out.matches(&note).count(), 1, "{out}");
    assert_eq!(out.matches("note:").count(), 1, "{out}");
}

#[test]
fn dump_shows_frames_raw_telegrams_and_standard_input_with_secrets_masked() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "payment.bin", &payment());
    let (spec, path) = (layout("card450-request.toml"), path.to_str().unwrap().to_owned());
    let (code, out, _) = run(&["dump", "--spec", &spec, "--raw", &path]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("management_no") && out.contains("관리번호") && out.contains("M1"), "{out}");
    assert!(!out.contains("457973"), "{out}");

    let (code, json, _) = run(&["dump", "--spec", &spec, "--length-in-telegram", "--json", &path]);
    assert_eq!(code, 0);
    assert!(json.contains(r#""name":"amount","title":"거래금액","value":"50000""#), "{json}");
    assert!(!json.contains("457973"), "{json}");

    let mut child = tool()
        .args(["dump", "--spec", &spec, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut framed = b"0450".to_vec();
    framed.extend(payment());
    framed[4 + 65] = b'x';
    framed.extend(b"0450");
    child.stdin.take().unwrap().write_all(&framed).unwrap();
    let (code, out, log) = outcome(&child.wait_with_output().unwrap());
    assert_eq!(code, 1, "a finding, and bytes that are no telegram");
    assert!(out.contains("expected padding, then digits"), "{out}");
    assert!(
        log.starts_with(
            "telegram-replay: -: expected frames only, found an incomplete frame of 4 bytes at byte 454\n"
        ),
        "{log}"
    );
    assert!(!out.contains("45797312345") && !log.contains("45797312345"));
}

#[test]
fn dump_of_no_frame_at_all_names_the_option_for_that() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "payment.bin", &payment()[..60]);
    let (code, out, log) = run(&[
        "dump",
        "--spec",
        &layout("card450-request.toml"),
        "--length-in-telegram",
        path.to_str().unwrap(),
    ]);
    assert_eq!((code, out.as_str()), (1, ""), "{log}");
    assert!(
        log.starts_with("telegram-replay: ")
            && log.ends_with("; one telegram without frame is read with --raw\n"),
        "{log}"
    );
}

#[test]
fn lint_of_an_unreadable_file_exits_with_2_after_the_others() {
    let (code, out, log) = run(&["lint", "no-such.toml", &layout("kovan-reply.toml")]);
    assert_eq!(code, 2, "{log}");
    assert!(log.starts_with("telegram-replay: no-such.toml: expected a layout file, found "), "{log}");
    assert!(out.contains("kovan-reply.toml: ") && !out.contains("no-such"), "{out}");

    let folder = tempfile::tempdir().unwrap();
    let about = "name = \"a\"\ntitle = \"a\"\nlength = 4\ncharset = \"ascii\"\nsource = \"invented\"\n";
    let group = "[[field]]\nname = \"b\"\nat = 0\nlen = 4\nkind = \"group\"\nspec = \"no-such\"\n";
    let path = file(folder.path(), "a.toml", format!("{about}{group}").as_bytes());
    let (code, out, log) = run(&["lint", path.to_str().unwrap()]);
    assert_eq!(code, 1, "a layout that inlines none is at fault: {log}");
    assert!(out.contains("field \"b\": expected a layout file"), "{out}");
}

#[test]
fn the_help_of_commands_that_find_fault_names_the_exit_codes() {
    for command in ["dump", "diff", "new", "lint"] {
        let (code, out, _) = run(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(out.contains("Exit codes: 0 success"), "{out}");
    }
}

#[test]
fn bad_usage_and_unreadable_files_exit_with_2() {
    for (args, expected) in [
        (vec!["send", "--to", "nowhere", "x"], "expected HOST:PORT"),
        (vec!["send", "--to", "127.0.0.1:1", "no-such.capture"], "cannot read no-such.capture"),
        (
            vec!["acquirer", "--dialect", "kspay9", "--listen", "127.0.0.1:0"],
            "expected one of kovan, kspay, kicc, card450",
        ),
        (
            vec!["load", "--to", "127.0.0.1:1", "--connections", "0", "--seconds", "1"],
            "0 is not in 1..=60000",
        ),
        (
            vec![
                "load",
                "--to",
                "127.0.0.1:1",
                "--connections",
                "1",
                "--seconds",
                "1",
                "--terminals",
                "9..1",
            ],
            "expected FROM..TO, two terminal numbers of ten digits",
        ),
        (
            vec!["load", "--to", "127.0.0.1:1", "--connections", "1", "--seconds", "1"],
            "cannot connect to 127.0.0.1:1",
        ),
        (vec!["dump", "--spec", "no-such.toml", "x"], "no-such.toml"),
        (vec![], "Usage: telegram-replay <COMMAND>"),
    ] {
        let (code, _, log) = run(&args);
        assert_eq!(code, 2, "{args:?}: {log}");
        assert!(log.contains(expected), "{args:?}: {log}");
    }
}

#[test]
fn a_capture_with_a_mistake_is_refused_with_its_place_and_without_its_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "day.capture",
        b"telegram-capture 1\n> a terminal-0100 card_track=9410123412341237 ?\n",
    );
    let (code, _, log) = run(&["send", "--to", "127.0.0.1:1", path.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(log.contains("day.capture:2:47: expected a field's name, found '?'"), "{log}");
    assert!(!log.contains("94101234"), "{log}");
}

#[test]
fn a_failed_send_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "day.capture", b"telegram-capture 1\n> a terminal-0100 total_amount=1\n");
    let (code, _, log) = run(&["send", "--to", "127.0.0.1:1", path.to_str().unwrap()]);
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("cannot connect to 127.0.0.1:1") || log.contains("Connection refused"), "{log}");
}

#[test]
fn an_acquirer_reads_its_script_says_where_it_listens_and_writes_its_truth() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        file(folder.path(), "script.toml", b"[[rule]]\namount = 50000\ndo = \"refuse\"\ncode = \"8350\"\n");
    let truth = folder.path().join("truth.jsonl");
    let acquirer = Process::acquirer(&[
        "--dialect",
        "card450",
        "--script",
        script.to_str().unwrap(),
        "--truth",
        truth.to_str().unwrap(),
    ]);
    let mut stream = std::net::TcpStream::connect(&acquirer.address).unwrap();
    stream.write_all(&payment()).unwrap();
    let mut answer = [0; 450];
    std::io::Read::read_exact(&mut stream, &mut answer).unwrap();
    assert_eq!(&answer[403..407], b"8350");
    let lines = std::fs::read_to_string(truth).unwrap();
    assert!(lines.contains(r#""event":"declined","serial":"M1","amount":50000"#), "{lines}");
    assert!(!lines.contains("45797312345"), "{lines}");
}

#[test]
fn an_acquirer_with_a_certificate_speaks_tls_and_says_what_is_wrong_with_it_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let pair = || {
        let made = rcgen::generate_simple_self_signed(vec!["acquirer.test".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    };
    let ((certificate, key), (_, other_key)) = (pair(), pair());
    let write =
        |name: &str, text: &str| file(folder.path(), name, text.as_bytes()).to_str().unwrap().to_owned();
    let certificate = write("own.pem", &certificate);
    let (key, other_key) = (write("own.key", &key), write("other.key", &other_key));

    let acquirer =
        Process::acquirer(&["--dialect", "kovan", "--tls-certificate", &certificate, "--tls-key", &key]);
    let mut stream = std::net::TcpStream::connect(&acquirer.address).unwrap();
    stream.write_all(b"0004ABCD").unwrap();
    let mut answer = Vec::new();
    // It may reset the socket behind its alert.
    let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
    assert_eq!(answer.first(), Some(&21), "an alert of TLS: {answer:?}");

    let acquirer = ["acquirer", "--dialect", "kovan", "--listen", "127.0.0.1:0"];
    let with = |more: &[&str]| run(&[&acquirer, more].concat());
    let (code, _, error) = with(&["--tls-certificate", &certificate]);
    assert!(code == 2 && error.contains("--tls-key"), "{error}");
    let (code, _, error) = with(&["--tls-certificate", &certificate, "--tls-key", &other_key]);
    assert!(code == 2 && error.contains("cannot be used together"), "{code}: {error}");
}

#[test]
fn the_help_of_send_tells_how_captures_are_written() {
    let (code, out, _) = run(&["send", "--help"]);
    assert_eq!(code, 0);
    assert!(
        out.contains("@LABEL.reply.FIELD") && out.contains("next no-ack") && !out.contains("```"),
        "{out}"
    );
}

#[test]
fn the_help_of_acquirer_shows_what_amounts_do() {
    let (code, out, _) = run(&["acquirer", "--help"]);
    assert_eq!(code, 0);
    assert!(out.contains("61  answer-never") && out.contains("70  after-net-cancel"), "{out}");
    assert!(
        out.contains("52  refuse            refuses it with 8324") && out.contains("84  ignore"),
        "{out}"
    );
}
