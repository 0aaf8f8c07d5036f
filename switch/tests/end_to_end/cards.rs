//! No card number anywhere it does not belong, in any encoding.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use rusqlite::Connection;
use telegram_replay::acquirer::{Behaviour, Deed, Script};

use crate::support::{
    Approval, Client, Home, LooseEnd, Plan, Said, Switch, Telegram, acquirer, card, direct_card, eventually,
    get, script,
};

/// Something that was kept or told, by its name.
pub(crate) struct Trace {
    what: String,
    bytes: Vec<u8>,
}

#[tokio::test]
async fn no_card_number_is_in_logs_database_metrics_or_reports_in_any_encoding() {
    let rules =
        [(Deed::NetCancel, Behaviour::IGNORE, Some(2)), (Deed::NetCancel, Behaviour::REFUSE, Some(1))];
    let van = acquirer("kovan", script(&rules)).await;
    let company = acquirer("card450", Script::default()).await;
    let plan = Plan { direct: Some(company.local_addr()), grace_ms: 100, ..Plan::van(&van).impatient() };
    let home = Home::new(&plan.toml());
    // One approval is given after its net-cancel, perhaps so late that it is owed again only when the test is over.
    home.leaves(&[LooseEnd::Debts]);
    let mut command = Switch::command(&home);
    command.env("RUST_LOG", "trace");
    let switch = Switch::run(command).await;

    let mut cards = Vec::new();
    let mut client = Client::connect(switch.terminals).await;
    // Approved, declined, silent, ignored, late, dropped, wrong, nonsense, in doubt, not processed, half; by both lines.
    let endings = [0, 51, 52, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74];
    let mut approvals = Vec::new();
    for (trace, ending) in (1_u32..).zip(endings) {
        for (terminal, number) in [(1, card(trace)), (2, direct_card(trace))] {
            approvals.push(Approval::new(trace, 10_000 + ending).card(&number).terminal(terminal));
            cards.push(number);
        }
    }
    client.send(&approvals).await;
    client.receive_all(approvals.len()).await;
    client.send(&approvals).await;
    client.receive_all(approvals.len()).await;

    // Gone before its answer.
    let number = card(1_000);
    let mut gone = Client::connect(switch.terminals).await;
    gone.send(&[Approval::new(500, 10_000).card(&number)]).await;
    gone.vanish();
    cards.push(number);

    for wrong in misplaced(&mut cards) {
        let mut client = Client::connect(switch.terminals).await;
        client.raw(&wrong).await;
        // Refused, closed, or approved with the card where it belongs: all the same here.
        let _ = client.receive().await;
    }
    let traces = everything_kept(&home, &switch);
    assert_clean(&traces, &cards);
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    assert_clean(&everything_kept(&home, &switch), &cards);
    let kept = home.payments().into_iter().filter(|row| row.phase == "declined" && row.has_card).count();
    assert_eq!(kept, 0, "what can need no telegram any more keeps no card, sealed or not");
    switch.stop().await;
}

/// Card numbers where none belongs, and card fields that are none.
fn misplaced(cards: &mut Vec<String>) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut next = 2_000;
    let mut number = || {
        next += 1;
        cards.push(card(next));
        card(next)
    };
    let padded = |text: &str, length: usize| format!("{text:length$}").into_bytes();
    let good = Approval::new(600, 10_000);
    let fields = [
        ("emv_data", 256),
        ("merchant_data", 40),
        ("pin_block", 16),
        ("card_block_van", 127),
        ("card_block_issuer", 127),
        ("card_track", 37),
    ];
    for (trace, (field, length)) in (700..).zip(fields) {
        let number = number();
        let approval = Approval::new(trace, 10_000).card(&number);
        frames.push(crate::support::framed(&approval.spoiled(field, &padded(&number, length))).to_vec());
    }
    // The same among other bytes.
    let text = number();
    let among = format!("ref {text} thanks");
    let approval = Approval::new(800, 10_000).card(&text);
    frames.push(crate::support::framed(&approval.spoiled("merchant_data", &padded(&among, 40))).to_vec());
    let track = number();
    frames.push(
        crate::support::framed(&good.spoiled("card_track", &padded(&format!("{track}D3012"), 37))).to_vec(),
    );
    // Over the borders of fields, in the header and in the amounts.
    for at in [0, 4, 6, 16, 26, 32, 46, 60, 61, 365, 370, 377, 380] {
        let mut telegram = good.bytes();
        telegram[at..at + 16].copy_from_slice(number().as_bytes());
        frames.push(crate::support::framed(&telegram).to_vec());
    }
    // As a frame, as a length, and without any frame.
    frames.push(crate::support::framed(number().as_bytes()).to_vec());
    frames.push(number().into_bytes());
    frames.push(format!("x{}", number()).into_bytes());
    frames.extend(in_other_types(&mut number));
    let unsupported = Approval::new(601, 10_000).with("header.telegram_type", "0400").card(&number());
    frames.push(crate::support::framed(&unsupported.bytes()).to_vec());
    let unknown = Approval::new(602, 10_000).with("header.terminal_id", "5000000000").card(&number());
    frames.push(crate::support::framed(&unknown.bytes()).to_vec());
    frames
}

pub(crate) fn everything_kept(home: &Home, switch: &Switch) -> Vec<Trace> {
    let mut traces = vec![
        Trace { what: "the log".into(), bytes: switch.log().into_bytes() },
        Trace { what: "the metrics".into(), bytes: get(switch.admin, "/metrics").1.into_bytes() },
    ];
    for entry in std::fs::read_dir(home.data()).unwrap() {
        let path = entry.unwrap().path();
        // The control socket holds nothing.
        if path.is_file() {
            traces.push(Trace { what: path.display().to_string(), bytes: std::fs::read(&path).unwrap() });
        }
    }
    assert!(traces.iter().any(|trace| trace.what.ends_with("-wal")), "the log of the database is there");
    traces.extend(columns(&home.open()));
    traces
}

/// Every value of every table: one may stand over several pages of the file.
fn columns(connection: &Connection) -> Vec<Trace> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut traces = Vec::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut bytes = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    rusqlite::types::ValueRef::Text(text) => bytes.extend_from_slice(text),
                    rusqlite::types::ValueRef::Blob(blob) => bytes.extend_from_slice(blob),
                    rusqlite::types::ValueRef::Integer(number) => {
                        bytes.extend(number.to_string().into_bytes());
                    }
                    rusqlite::types::ValueRef::Null | rusqlite::types::ValueRef::Real(_) => {}
                }
                bytes.push(b'\n');
            }
        }
        traces.push(Trace { what: format!("table {table}"), bytes });
    }
    traces
}

/// In a cancel, where it belongs and where it does not, and over the fields of the rest.
fn in_other_types(number: &mut impl FnMut() -> String) -> Vec<Vec<u8>> {
    let original = Approval::new(1, 10_000);
    let cancel = |trace| Telegram::cancel(trace, &original, 1);
    let mut telegrams = vec![cancel(610).with("card_track", &format!("{}=3012", number())).bytes()];
    for (trace, field, length) in
        [(611, "merchant_data", 40), (612, "card_track", 37), (613, "card_block_van", 127)]
    {
        telegrams.push(cancel(trace).spoiled(field, format!("{:length$}", number()).as_bytes()));
    }
    let text = number();
    let both = cancel(614).with("card_track", &format!("{text}=3012")).with("merchant_data", &text);
    telegrams.push(both.bytes());
    let others = [
        cancel(620),
        Telegram::net_cancel(621, &original),
        Telegram::acknowledgement(622, &original, ""),
        Telegram::inquiry(623, &original),
        Telegram::totals(624, original.date(), [(0, 0); 3]),
        Telegram::network(625, "301"),
    ];
    for other in others {
        let good = other.bytes();
        for at in [0, 6, 26, 50, good.len() - 16] {
            let mut telegram = good.clone();
            telegram[at..at + 16].copy_from_slice(number().as_bytes());
            telegrams.push(telegram);
        }
    }
    telegrams.iter().map(|telegram| crate::support::framed(telegram).to_vec()).collect()
}

/// The name of what has these bytes somewhere.
pub(crate) fn kept_in<'a>(traces: &'a [Trace], bytes: &[u8]) -> Option<&'a str> {
    let needle = characters(bytes);
    let found = traces.iter().find(|trace| characters(&trace.bytes).contains(&needle));
    found.map(|trace| trace.what.as_str())
}

fn assert_clean(traces: &[Trace], cards: &[String]) {
    let needles: Vec<_> = cards.iter().flat_map(|card| encodings(card)).collect();
    for trace in traces {
        // One character a byte: a search in text is a quick one.
        let text = characters(&trace.bytes);
        for (encoding, needle) in &needles {
            if let Some(at) = text.find(&characters(needle)) {
                let before: String =
                    text[..at].chars().rev().take(300).collect::<Vec<_>>().iter().rev().collect();
                panic!("a card number in {} as {encoding}, after …{before}", trace.what);
            }
        }
    }
}

fn characters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// A text as it might stand somewhere.
fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let hex = |upper: bool| {
        text.bytes().fold(String::new(), |mut hex, byte| {
            if upper { write!(hex, "{byte:02X}") } else { write!(hex, "{byte:02x}") }.unwrap();
            hex
        })
    };
    let wide: Vec<u16> = text.encode_utf16().collect();
    let pairs: Vec<u8> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |packed, digit| packed << 4 | (digit - b'0')))
        .collect();
    let listed: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    let full_width: String =
        text.chars().map(|digit| char::from_u32(0xFF10 + digit.to_digit(10).unwrap()).unwrap()).collect();
    let mut encodings = vec![
        ("text", text.as_bytes().to_vec()),
        ("hexadecimal", hex(false).into_bytes()),
        ("upper-case hexadecimal", hex(true).into_bytes()),
        ("UTF-16LE", wide.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16BE", wide.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("packed digits", pairs),
        ("full-width digits", full_width.into_bytes()),
        ("a list of bytes", listed.join(",").into_bytes()),
        ("a debugged list of bytes", listed.join(", ").into_bytes()),
    ];
    for (name, skipped) in [("base64", 0), ("base64 shifted by one", 1), ("base64 shifted by two", 2)] {
        let mut shifted = vec![0; skipped];
        shifted.extend_from_slice(text.as_bytes());
        let encoded = STANDARD_NO_PAD.encode(&shifted);
        // Only the characters that no neighbour has a part in.
        let from = [0, 2, 3][skipped];
        let until = shifted.len() * 8 / 6;
        encodings.push((name, encoded.as_bytes()[from..until].to_vec()));
    }
    encodings
}
