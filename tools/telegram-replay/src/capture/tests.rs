use std::time::Duration;

use codec::frame::Framing;
use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<Capture, String> {
    Capture::parse("day.capture", text.as_bytes()).map_err(|error| error.to_string())
}

/// The statements behind a header line.
fn statements(lines: &str) -> Vec<Statement> {
    let capture = parse(&format!("telegram-capture 1\n{lines}")).unwrap();
    capture.steps.into_iter().map(|step| step.statement).collect()
}

/// The error for a line behind the header line.
fn error(line: &str) -> String {
    parse(&format!("telegram-capture 1\n> first terminal-0100\n{line}\n")).unwrap_err()
}

fn assigned(field: &str, value: Value) -> Assignment {
    Assignment { field: field.to_owned(), value }
}

fn reference(part: Part, field: &str, slice: Option<Slice>) -> Value {
    Value::Of(Reference { label: "first".to_owned(), part, field: field.to_owned(), slice })
}

#[test]
fn every_form_of_line_is_read() {
    let capture = parse(
        "# the sample day\n\
         telegram-capture 1 framing=stx-lrc handshake=true charset=utf-8   # header\n\
         default terminal-0100 terminal_id=1000000001 currency=410\n\
         \n\
         say \"an approval, \\\"first\\\"\"\n\
         > first terminal-0100 trace_no=000001 sent_at=now-40m card_track=\"12=3 4\" emv_data=hex\"9F 26\" amount=raw\"0A\"  # c\n\
         < terminal-0110 response_code=0000\n\
         > again first\n\
         < terminal-0110 for first response_code=\"\"\n\
         > text \"0100 한글\"\n\
         > hex 30 31 3a\n\
         > raw hex 0000\n\
         < closed\n\
         < none 500ms\n\
         wait 2s\n\
         > second terminal-0120 day=today-1d no=@first.reply.approval_no date=@first.sent_at[..8] x=@first.a.b[2..4]\n\
         next wrong-lrc\n\
         next no-ack\n\
         < eot\n\
         close\n",
    )
    .unwrap();
    assert_eq!((capture.framing, capture.handshake), (Framing::StxLrc, true));
    assert_eq!(
        capture.steps.iter().map(|step| step.line).collect::<Vec<_>>(),
        [3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
    );
    let expected = [
        Statement::Default {
            layout: "terminal-0100".into(),
            fields: vec![
                assigned("terminal_id", Value::text("1000000001")),
                assigned("currency", Value::text("410")),
            ],
        },
        Statement::Say("an approval, \"first\"".into()),
        Statement::Send(Send::Fields {
            label: "first".into(),
            layout: "terminal-0100".into(),
            fields: vec![
                assigned("trace_no", Value::text("000001")),
                assigned("sent_at", Value::Now(-2400)),
                assigned("card_track", Value::text("12=3 4")),
                assigned("emv_data", Value::Bytes(Hidden(vec![0x9F, 0x26]))),
                assigned("amount", Value::Unchecked(Hidden("0A".into()))),
            ],
        }),
        Statement::Expect(Expect::Answer {
            layout: "terminal-0110".into(),
            of: None,
            fields: vec![assigned("response_code", Value::text("0000"))],
        }),
        Statement::Send(Send::Again { label: "first".into() }),
        Statement::Expect(Expect::Answer {
            layout: "terminal-0110".into(),
            of: Some("first".into()),
            fields: vec![assigned("response_code", Value::text(""))],
        }),
        Statement::Send(Send::Text(Hidden("0100 한글".into()))),
        Statement::Send(Send::Hex(Hidden(vec![0x30, 0x31, 0x3A]))),
        Statement::Send(Send::Raw(Hidden(vec![0, 0]))),
        Statement::Expect(Expect::Closed),
        Statement::Expect(Expect::Nothing(Duration::from_millis(500))),
        Statement::Wait(Duration::from_secs(2)),
        Statement::Send(Send::Fields {
            label: "second".into(),
            layout: "terminal-0120".into(),
            fields: vec![
                assigned("day", Value::Today(-1)),
                assigned("no", reference(Part::Reply, "approval_no", None)),
                assigned("date", reference(Part::Sent, "sent_at", Some(Slice { from: 0, to: Some(8) }))),
                assigned("x", reference(Part::Sent, "a.b", Some(Slice { from: 2, to: Some(4) }))),
            ],
        }),
        Statement::Next(Quirk::WrongLrc),
        Statement::Next(Quirk::NoAck),
        Statement::Expect(Expect::Eot),
        Statement::Close,
    ];
    assert_eq!(capture.steps.into_iter().map(|step| step.statement).collect::<Vec<_>>(), expected);
}

#[test]
fn a_file_in_euc_kr_reads_as_the_same_file_in_utf_8() {
    let text = "telegram-capture 1 charset=euc-kr\nsay \"승인\"\n";
    let (bytes, _, _) = encoding_rs::EUC_KR.encode(text);
    assert_ne!(bytes, text.as_bytes());
    let capture = Capture::parse("x", &bytes).unwrap();
    assert_eq!(capture.steps[0].statement, Statement::Say("승인".into()));
}

#[test]
fn errors_name_line_column_and_what_was_expected() {
    for (line, expected) in [
        ("pay now", "3:1: expected default, say, wait, next, close, > or <, found 'p'"),
        ("say hello", "3:5: expected a quoted text, found 'h'"),
        ("say \"hello", "3:11: expected a closing quote, found the end of the line"),
        ("say \"a\\n\"", "3:8: expected \\\" or \\\\, found 'n'"),
        ("wait soon", "3:6: expected a time such as 200ms, 3s, 40m or 1h, found 's'"),
        ("wait 5000h", "3:6: expected a time such as 200ms, 3s, 40m or 1h, found '5'"),
        ("> second", "3:9: expected a blank, found the end of the line"),
        ("> second terminal-0100 amount", "3:30: expected =, found the end of the line"),
        ("> second terminal-0100 amount=", "3:31: expected a value, found the end of the line"),
        ("> second terminal-0100 amount=\"1", "3:33: expected a closing quote, found the end of the line"),
        ("> second terminal-0100 amount=\"1\"2", "3:34: expected a blank, found '2'"),
        ("> second terminal-0100 =1", "3:24: expected a field's name, found '='"),
        (
            "> second terminal-0100 sent_at=now+1x",
            "3:37: expected a time such as 200ms, 3s, 40m or 1h, found 'x'",
        ),
        ("> second terminal-0100 emv=hex\"9\"", "3:33: expected the second digit of a byte, found '\"'"),
        (
            "> second terminal-0100 emv=hex\"9F",
            "3:34: expected two hex digits or a closing quote, found the end of the line",
        ),
        ("> second terminal-0100 date=today+1h", "3:36: expected a number of days such as 1d, found 'h'"),
        (
            "> second terminal-0100 x=@first",
            "3:27: expected a field of a telegram above such as @first.trace_no, @first.reply.approval_no or \
             @first.sent_at[..8], found 'f'",
        ),
        (
            "> second terminal-0100 x=@first.y[8..8]",
            "3:27: expected a field of a telegram above such as @first.trace_no, @first.reply.approval_no or \
             @first.sent_at[..8], found 'f'",
        ),
        ("> a terminal-0100 x=@a.y", "3:21: expected a label defined above, found an unknown one"),
        ("< terminal-0110 x=@other.y", "3:19: expected a label defined above, found an unknown one"),
        ("default terminal-0110 x=@other.y", "3:25: expected a label defined above, found an unknown one"),
        ("next no-ack", "3:1: expected handshake=true in the first line for this, found none"),
        ("next nothing", "3:6: expected wrong-lrc, wrong-lrc-always or no-ack, found 'n'"),
        ("< eot", "3:3: expected handshake=true in the first line for this, found none"),
        ("close it", "3:7: expected the end of the line, found 'i'"),
        ("> hex 3", "3:8: expected the second digit of a byte, found the end of the line"),
        ("> raw 30", "3:7: expected the word `hex`, found '3'"),
        ("> first terminal-0100", "3:3: expected a label not used above, found one that is"),
        ("> again other", "3:9: expected a label defined above, found an unknown one"),
        ("< terminal-0110 for other x=1", "3:21: expected a label defined above, found an unknown one"),
        ("< none", "3:7: expected a blank, found the end of the line"),
        ("< closed now", "3:10: expected the end of the line, found 'n'"),
    ] {
        assert_eq!(error(line), format!("day.capture:{expected}"), "for the line {line}");
    }
}

#[test]
fn a_file_without_its_first_line_is_refused() {
    for (text, expected) in [
        ("", "1:1: expected the line `telegram-capture 1 …`, found the end of the file"),
        ("# nothing\n\n", "2:1: expected the line `telegram-capture 1 …`, found the end of the file"),
        ("> a terminal-0100\n", "1:1: expected the line `telegram-capture 1 …`, found '>'"),
        ("telegram-capture 2\n", "1:18: expected format version 1, found '2'"),
        (
            "telegram-capture 1 framing=ascii5\n",
            "1:28: expected ascii4, ascii4-inclusive, binary2, binary2-inclusive or stx-lrc, found 'a'",
        ),
        ("telegram-capture 1 handshake=on\n", "1:30: expected true or false, found 'o'"),
        (
            "telegram-capture 1 handshake=true\n",
            "1:1: expected framing=stx-lrc with handshake=true, found another framing",
        ),
        ("telegram-capture 1 speed=9\n", "1:20: expected framing=, handshake= or charset=, found 's'"),
    ] {
        assert_eq!(parse(text).unwrap_err(), format!("day.capture:{expected}"), "for {text:?}");
    }
}

#[test]
fn neither_debug_nor_an_error_shows_a_value() {
    let line = "> card terminal-0100 card_track=9410123412341237=2912 pin_block=\"4321";
    assert!(!error(line).contains("9410") && !error(line).contains("4321"));
    let shown = format!(
        "{:?}",
        statements("> card terminal-0100 card_track=9410123412341237=2912\n> text \"9410123412341237\"")
    );
    assert!(!shown.contains("9410"), "{shown}");
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,8}([.-][a-z0-9]{1,4})?".prop_filter("reserved", |name| {
        !["again", "text", "hex", "raw", "closed", "none", "eot", "for"].contains(&name.as_str())
    })
}

fn a_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[ -~가-힣]{0,12}".prop_map(Value::text),
        "(now|today|@).{0,3}"
            .prop_filter("one line", |text| !text.contains(['\n', '\r']))
            .prop_map(Value::text),
        "[ -~가-힣]{0,6}".prop_map(|text| Value::Unchecked(Hidden(text))),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|bytes| Value::Bytes(Hidden(bytes))),
        (-86_400i64..86_400).prop_map(Value::Now),
        (-3660..3660).prop_map(Value::Today),
        (any::<bool>(), name(), prop::option::of((0usize..9, prop::option::of(9usize..99)))).prop_map(
            |(reply, field, slice)| Value::Of(Reference {
                label: "l0".to_owned(),
                part: if reply { Part::Reply } else { Part::Sent },
                field,
                slice: slice.map(|(from, to)| Slice { from, to }),
            })
        ),
    ]
}

fn fields() -> impl Strategy<Value = Vec<Assignment>> {
    prop::collection::vec((name(), a_value()).prop_map(|(field, value)| Assignment { field, value }), 0..4)
}

fn bytes() -> impl Strategy<Value = Hidden<Vec<u8>>> {
    prop::collection::vec(any::<u8>(), 1..9).prop_map(Hidden)
}

fn time() -> impl Strategy<Value = Duration> {
    (0u64..86_400_000).prop_map(Duration::from_millis)
}

fn a_statement() -> impl Strategy<Value = Statement> {
    prop_oneof![
        (name(), fields()).prop_map(|(layout, fields)| Statement::Default { layout, fields }),
        "[ -~가-힣]{0,12}".prop_map(Statement::Say),
        time().prop_map(Statement::Wait),
        (name(), fields()).prop_map(|(layout, fields)| Statement::Send(Send::Fields {
            label: String::new(),
            layout,
            fields
        })),
        Just(Statement::Send(Send::Again { label: "l0".into() })),
        "[ -~가-힣]{0,12}".prop_map(|text| Statement::Send(Send::Text(Hidden(text)))),
        bytes().prop_map(|bytes| Statement::Send(Send::Hex(bytes))),
        bytes().prop_map(|bytes| Statement::Send(Send::Raw(bytes))),
        (name(), any::<bool>(), fields()).prop_map(|(layout, named, fields)| Statement::Expect(
            Expect::Answer { layout, of: named.then(|| "l0".to_owned()), fields }
        )),
        Just(Statement::Expect(Expect::Closed)),
        Just(Statement::Expect(Expect::Eot)),
        Just(Statement::Close),
        prop_oneof![Just(Quirk::WrongLrc), Just(Quirk::WrongLrcAlways), Just(Quirk::NoAck)]
            .prop_map(Statement::Next),
        time().prop_map(|time| Statement::Expect(Expect::Nothing(time))),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_capture(statements in prop::collection::vec(a_statement(), 0..12)) {
        let first = Statement::Send(Send::Fields { label: String::new(), layout: "x".into(), fields: vec![] });
        let steps = [first].into_iter().chain(statements).enumerate().map(|(index, mut statement)| {
            if let Statement::Send(Send::Fields { label, .. }) = &mut statement {
                *label = format!("l{index}");
            }
            Step { line: index + 2, statement }
        });
        let capture = Capture { framing: Framing::StxLrc, handshake: true, steps: steps.collect() };
        let printed = capture.to_string();
        prop_assert_eq!(Capture::parse("x", printed.as_bytes()), Ok(capture));
    }

    #[test]
    fn no_input_makes_the_parser_panic(lines in "(telegram-capture 1\n)?([><]|say|wait|default|next|close)?[ -~가-힣\n\"=]{0,60}") {
        let _ = Capture::parse("x", lines.as_bytes());
    }
}
