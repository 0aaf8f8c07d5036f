//! Telegrams that are wrong, and bytes that are none.

use std::net::SocketAddr;

use jiff::ToSpan as _;
use telegram_replay::{
    acquirer::{Acquirer, Order, Script},
    layout::Layout,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Approval, Client, LooseEnd, Plan, Switch, acquirer, eventually, framed, get};

#[tokio::test]
async fn a_field_that_is_wrong_is_9001_and_named_in_korean() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut client = Client::connect(switch.terminals).await;
    let good = Approval::new(1, 10_000);
    let cases: &[(&str, &[u8], &str)] = &[
        ("total_amount", b"00000001000x", "거래금액"),
        ("total_amount", b"            ", "거래금액"),
        ("total_amount", b"-00000010000", "거래금액"),
        ("total_amount", b"+00000010000", "거래금액"),
        ("total_amount", b"000000000000", "거래금액"),
        ("vat", b"000000010001", "부가세"),
        ("vat", b"        1000", "부가세"),
        ("installment", b"x3", "할부개월"),
        ("currency", b"840", "통화코드"),
        ("entry_mode", b"Z", "입력구분"),
        ("header.version", b"02", "전문버전"),
        ("header.security", b"1", "보안구분"),
        ("header.sent_at", b"20261332000000", "전송일시"),
        ("header.merchant_no", b"12088O0001", "사업자등록번호"),
        ("card_track", b"4111111111111112345                  ", "카드 트랙"),
        ("card_track", b"                                     ", "카드 트랙"),
    ];
    for (field, bytes, title) in cases {
        let answer = client.ask_bytes(&good.spoiled(field, bytes)).await;
        assert_eq!(answer.code(), "9001", "{field} = {:?}", String::from_utf8_lossy(bytes));
        let message = answer.text("message1");
        assert!(message.contains("전문오류") && message.contains(title), "{field}: {message:?}");
        assert_eq!((answer.text("header.terminal_id"), answer.trace()), ("1000000001".into(), 1));
        assert_eq!(answer.text("header.telegram_type"), "0110");
    }
    let mut short = good.bytes();
    short.truncate(500);
    assert_eq!(client.ask_bytes(&short).await.code(), "9001");
    short.truncate(60);
    assert_eq!(client.ask_bytes(&short).await.code(), "9001");
    let mut long = good.bytes();
    long.push(b' ');
    assert_eq!(client.ask_bytes(&long).await.code(), "9001");
    // None of these claimed the key.
    assert_eq!(client.ask(&good).await.code(), "0000");
    let noted = || home.journal().iter().filter(|name| *name == "Refused").count() == cases.len() + 3;
    eventually("every refusal leaves an event", || noted().then_some(())).await;
    assert_eq!(van.truth().len(), 1);
}

#[tokio::test]
async fn what_this_version_does_not_know_is_refused_and_claims_nothing() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    let mut client = Client::connect(switch.terminals).await;
    for (kind, reply) in
        [("0400", "0410"), ("0420", "0430"), ("0300", "0310"), ("0500", "0510"), ("0120", "0130")]
    {
        let answer = client.ask(&Approval::new(1, 10_000).with("header.telegram_type", kind)).await;
        assert_eq!((answer.code(), answer.text("header.telegram_type")), ("9001".into(), reply.into()));
        assert_eq!(answer.trace(), 1);
    }
    for unknown in ["9989", "0000", "0200"] {
        let answer = client.ask(&Approval::new(1, 10_000).with("header.telegram_type", unknown)).await;
        assert_eq!((answer.code(), answer.trace()), ("9001".into(), 1), "{unknown}");
    }
    let strange = Approval::new(1, 10_000).with("header.terminal_id", "4000000001");
    assert_eq!(client.ask(&strange).await.code(), "9002");
    let foreign = Approval::new(1, 10_000).with("header.merchant_no", "2148800002");
    assert_eq!(client.ask(&foreign).await.code(), "9002");
    for shift in [-31_i64, 31] {
        let off = Approval::new(1, 10_000).sent_at(|at| at + shift.minutes());
        assert_eq!(client.ask(&off).await.code(), "9004", "{shift} minutes");
        let near = Approval::new(2, 10_000).terminal(u64::try_from(40 + shift).unwrap());
        let near = near.sent_at(|at| at + (shift - 2 * shift.signum()).minutes());
        assert_eq!(client.ask(&near).await.code(), "0000", "two minutes nearer than {shift}");
    }
    let approved = client.ask(&Approval::new(1, 10_000)).await;
    assert_eq!(approved.code(), "0000");
    assert_eq!(van.truth().len(), 3);
}

#[tokio::test]
async fn a_header_nobody_could_or_should_answer_closes_the_socket_with_a_line_in_the_log() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van)).await;
    // What nobody could answer is not answered.
    home.leaves(&[LooseEnd::Terminals]);
    let good = Approval::new(1, 10_000);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("too short for a header", framed(&[b'0'; 59]).to_vec()),
        ("a type of letters", framed(&good.spoiled("header.telegram_type", b"01x0")).to_vec()),
        ("an answer", framed(&good.spoiled("header.telegram_type", b"0110")).to_vec()),
        ("an answer of no known type", framed(&good.spoiled("header.telegram_type", b"9999")).to_vec()),
        ("a trace number of letters", framed(&good.spoiled("header.trace_no", b"00x001")).to_vec()),
        ("no terminal", framed(&good.spoiled("header.terminal_id", b"          ")).to_vec()),
        ("a terminal in no charset", framed(&good.spoiled("header.terminal_id", &[0xFF; 10])).to_vec()),
        ("a length of letters", b"07x8".to_vec()),
        ("a length of zero", b"0000".to_vec()),
        ("a length beyond all telegrams", b"9999".to_vec()),
        ("HTTP", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00".to_vec()),
    ];
    let count = cases.len();
    for (what, bytes) in cases {
        let mut client = Client::connect(switch.terminals).await;
        client.raw(&bytes).await;
        assert!(client.receive().await.is_none(), "{what}");
    }
    let told = || switch.log().matches("session ended").count() == count;
    eventually("each has its line", || told().then_some(())).await;
    assert_eq!(van.truth(), []);
    // What was asked before the nonsense is still answered.
    van.hold();
    let mut client = Client::connect(switch.terminals).await;
    client.raw(&[&framed(&good.bytes())[..], b"07x8"].concat()).await;
    eventually("the request is at the VAN", || (van.held() == 1).then_some(())).await;
    van.release(Order::FirstFirst).await;
    assert_eq!(client.receive().await.expect("an answer").code(), "0000");
    assert!(client.receive().await.is_none());
}

const FRAMES: usize = 100_000;
const SOCKETS: usize = 8;

#[tokio::test]
async fn a_hundred_thousand_random_and_mutated_frames_are_survived() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, mut switch) = Switch::of(&Plan { links: 4, ..Plan::van(&van) }).await;
    // Whatever a mutation left valid is a payment of a terminal that never looks at an answer.
    home.leaves(&[LooseEnd::Unheard]);
    let mut running = tokio::task::JoinSet::new();
    for seed in 0..SOCKETS as u64 {
        println!("seed {seed}");
        running.spawn(fuzz(switch.terminals, seed + 1, FRAMES / SOCKETS));
    }
    let mut sent = 0;
    while let Some(ended) = running.join_next().await {
        sent += ended.unwrap();
    }
    assert!(sent >= FRAMES, "{sent}");
    assert!(switch.is_alive());
    let log = switch.log();
    assert!(!log.contains("panicked"), "{log}");
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(999_999, 77_000).terminal(99)).await.code(), "0000");
    assert_no_strangers(&van);
    let answered = answers(&switch);
    assert!(answered > FRAMES * 9 / 10, "only {answered} were read to their end");
    switch.stop().await;
}

/// Of every code.
fn answers(switch: &Switch) -> usize {
    let (_, metrics) = get(switch.admin, "/metrics");
    let of_codes = metrics.lines().filter(|line| line.starts_with("switch_answers_total{"));
    of_codes.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum()
}

/// What a mutation left valid may go to the VAN, but never a telegram that the VAN cannot read.
fn assert_no_strangers(van: &Acquirer) {
    let unreadable: Vec<_> = van.truth().into_iter().filter_map(|truth| truth.finding).collect();
    assert!(unreadable.is_empty(), "{unreadable:?}");
}

async fn fuzz(to: SocketAddr, seed: u64, frames: usize) -> usize {
    let layout = Layout::embedded("terminal-0100").unwrap();
    let header = layout.field("header.filler").unwrap().range().end;
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut chance = move |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    let mut sent = 0;
    while sent < frames {
        let (mut reading, mut writing) = TcpStream::connect(to).await.unwrap().into_split();
        let reader = tokio::spawn(async move {
            let mut sink = vec![0; 65_536];
            while matches!(reading.read(&mut sink).await, Ok(1..)) {}
        });
        // Until one that closes the socket: what follows it is not read.
        let mut open = true;
        while sent < frames && open {
            let mut telegram = Approval::new(u32::try_from(sent % 900_000).unwrap(), 10_000)
                .terminal(1 + u64::try_from(chance(90)).unwrap())
                .bytes();
            let kind = chance(100);
            open = ![0, 1, 3].contains(&kind);
            let bytes = match kind {
                0 => (0..chance(900)).map(|_| u8::try_from(chance(256)).unwrap()).collect(),
                1 => {
                    for _ in 0..=chance(4) {
                        telegram[chance(header)] = u8::try_from(chance(256)).unwrap();
                    }
                    framed(&telegram).to_vec()
                }
                2 => {
                    telegram.truncate(1 + chance(telegram.len()));
                    framed(&telegram).to_vec()
                }
                3 => {
                    let random: Vec<u8> =
                        (0..=chance(2_000)).map(|_| u8::try_from(chance(256)).unwrap()).collect();
                    framed(&random).to_vec()
                }
                _ => {
                    let body = telegram.len() - header;
                    for _ in 0..=chance(8) {
                        telegram[header + chance(body)] = u8::try_from(chance(256)).unwrap();
                    }
                    framed(&telegram).to_vec()
                }
            };
            sent += 1;
            if writing.write_all(&bytes).await.is_err() {
                break;
            }
        }
        // Half-closed: what was asked is still answered.
        drop(writing);
        reader.await.unwrap();
    }
    sent
}
