//! The handshake: every state meets every byte and every instant.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use codec::frame::{FrameFormat, Framing};
use proptest::prelude::*;
use switch::session::handshake::{
    Action, Control, EOT_WITHIN, Ended, Handshake, Input, NOISE, QUIET, REPEATS, TELEGRAM_WITHIN,
};

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const ACK_WITHIN: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(1);
const FRAME: FrameFormat = FrameFormat::new(Framing::StxLrc, 60, 2048);

/// A connection, and the time it has.
struct Line {
    handshake: Handshake,
    now: Instant,
}

impl Line {
    /// Just opened; ENQ was sent.
    fn invited() -> Self {
        let (now, mut out) = (Instant::now(), VecDeque::new());
        let handshake = Handshake::start(FRAME, ACK_WITHIN, now, &mut out);
        assert_eq!(out, [Action::Write(Control::Enq)]);
        Self { handshake, now }
    }

    fn half_a_telegram() -> Self {
        let mut line = Self::invited();
        assert_eq!(line.bytes(&telegram()[..40]), []);
        line
    }

    fn garbled() -> Self {
        let mut line = Self::invited();
        assert_eq!(line.bytes(&broken()), []);
        line
    }

    fn working() -> Self {
        let mut line = Self::invited();
        assert_eq!(line.bytes(&telegram()), [Action::Take(content())]);
        line
    }

    fn answered(approval: bool) -> Self {
        let mut line = Self::working();
        assert_eq!(line.gets(Input::Answer { approval }), [Action::WriteAnswer]);
        line
    }

    fn confirming() -> Self {
        let mut line = Self::answered(true);
        assert_eq!(line.bytes(&[ACK]), [Action::Acknowledge]);
        line
    }

    fn ended() -> Self {
        let mut line = Self::answered(false);
        assert_eq!(line.bytes(&[ACK]), [Action::Write(Control::Eot), Action::Close(Ended::Finished)]);
        line
    }

    fn gets(&mut self, input: Input<'_>) -> Vec<Action> {
        let mut out = VecDeque::new();
        self.handshake.handle(input, self.now, &mut out);
        out.into()
    }

    fn bytes(&mut self, bytes: &[u8]) -> Vec<Action> {
        self.gets(Input::Bytes(bytes))
    }

    /// Lets the time until the next due instant pass.
    fn waits(&mut self) -> Vec<Action> {
        self.now = self.handshake.due().expect("something is due");
        self.gets(Input::Time)
    }

    /// How long until the next due instant.
    fn left(&self) -> Option<Duration> {
        self.handshake.due().map(|due| due - self.now)
    }
}

/// A state by its name, and how it comes about.
type State = (&'static str, fn() -> Line);

const STATES: [State; 8] = [
    ("invited", Line::invited),
    ("half a telegram", Line::half_a_telegram),
    ("garbled", Line::garbled),
    ("working", Line::working),
    ("approval answered", || Line::answered(true)),
    ("other answered", || Line::answered(false)),
    ("confirming", Line::confirming),
    ("ended", Line::ended),
];

fn content() -> Bytes {
    let mut content = b"0100011000000001".to_vec();
    content.resize(100, b'7');
    content.into()
}

/// A moment less.
fn almost(time: Duration) -> Duration {
    time.saturating_sub(MOMENT)
}

/// A framed telegram.
fn telegram() -> BytesMut {
    let mut framed = BytesMut::new();
    FRAME.encode(&content(), &mut framed).unwrap();
    framed
}

/// The same with a wrong LRC.
fn broken() -> BytesMut {
    let mut framed = telegram();
    *framed.last_mut().unwrap() ^= 0xff;
    framed
}

#[test]
fn every_state_meets_every_byte() {
    for (name, state) in STATES {
        for byte in 0..=u8::MAX {
            let expected = match (name, byte) {
                ("approval answered", ACK) => vec![Action::Acknowledge],
                ("other answered", ACK) => vec![Action::Write(Control::Eot), Action::Close(Ended::Finished)],
                ("approval answered" | "other answered", NAK) => vec![Action::WriteAnswer],
                _ => Vec::new(),
            };
            assert_eq!(state().bytes(&[byte]), expected, "{name} {byte:02x}");
        }
    }
}

#[test]
fn every_state_meets_everything_else_that_happens() {
    let eot = || vec![Action::Write(Control::Eot), Action::Close(Ended::Finished)];
    let close = |ended| vec![Action::Close(ended)];
    for (name, state) in STATES {
        let table = [
            (
                Input::Answer { approval: true },
                if name == "working" { vec![Action::WriteAnswer] } else { vec![] },
            ),
            (
                Input::Answer { approval: false },
                if name == "working" { vec![Action::WriteAnswer] } else { vec![] },
            ),
            (Input::Acknowledged { stands: true }, if name == "confirming" { eot() } else { vec![] }),
            (
                Input::Acknowledged { stands: false },
                if name == "confirming" { close(Ended::DoesNotStand) } else { vec![] },
            ),
            (Input::Time, vec![]),
            (
                Input::Gone,
                match name {
                    "invited" => close(Ended::Unused),
                    "confirming" | "ended" => vec![],
                    _ => close(Ended::Gone),
                },
            ),
            (
                Input::Closing,
                match name {
                    "invited" | "half a telegram" | "garbled" => close(Ended::Closing),
                    _ => vec![],
                },
            ),
            (
                Input::MakeRoom,
                match name {
                    "invited" | "half a telegram" | "garbled" | "other answered" => close(Ended::MadeRoom),
                    _ => vec![],
                },
            ),
        ];
        for (index, (input, expected)) in table.into_iter().enumerate() {
            assert_eq!(state().gets(input), expected, "{name}, input {index}");
        }
    }
}

#[test]
fn every_state_has_its_time_and_its_end() {
    for (name, state) in STATES {
        let (within, expected) = match name {
            "invited" | "half a telegram" => (Some(TELEGRAM_WITHIN), vec![Action::Close(Ended::NoTelegram)]),
            "garbled" => (Some(QUIET), vec![Action::Write(Control::Nak)]),
            "approval answered" | "other answered" => {
                (Some(ACK_WITHIN), vec![Action::Close(Ended::NotAcknowledged)])
            }
            "confirming" => (Some(EOT_WITHIN), vec![Action::Close(Ended::NotDurable)]),
            _ => (None, Vec::new()),
        };
        let mut line = state();
        assert_eq!(line.left(), within, "{name}");
        let Some(within) = within else {
            line.now += Duration::from_hours(24);
            assert_eq!(line.gets(Input::Time), [], "{name}");
            continue;
        };
        line.now += almost(within);
        assert_eq!(line.gets(Input::Time), [], "{name}, a moment too early");
        line.now += MOMENT;
        assert_eq!(line.gets(Input::Time), expected, "{name}");
    }
}

#[test]
fn what_has_ended_does_nothing_more() {
    for end in [
        || Line::ended(),
        || {
            let mut line = Line::confirming();
            line.gets(Input::Acknowledged { stands: false });
            line
        },
        || {
            let mut line = Line::invited();
            line.waits();
            line
        },
    ] {
        let (telegram, mut line) = (telegram(), end());
        for input in [
            Input::Bytes(&telegram),
            Input::Bytes(&[ACK; 100]),
            Input::Answer { approval: true },
            Input::Acknowledged { stands: true },
            Input::Time,
            Input::Gone,
            Input::Closing,
            Input::MakeRoom,
        ] {
            assert_eq!(line.gets(input), []);
            assert_eq!(line.left(), None);
        }
    }
}

#[test]
fn an_approval_ends_with_eot_only_when_its_acknowledgement_is_durable() {
    let mut line = Line::confirming();
    line.now += almost(EOT_WITHIN);
    let finished = [Action::Write(Control::Eot), Action::Close(Ended::Finished)];
    assert_eq!(line.gets(Input::Acknowledged { stands: true }), finished);
    let mut line = Line::confirming();
    assert_eq!(line.gets(Input::Acknowledged { stands: false }), [Action::Close(Ended::DoesNotStand)]);
    let mut line = Line::confirming();
    assert_eq!(line.waits(), [Action::Close(Ended::NotDurable)]);
    assert_eq!(line.gets(Input::Acknowledged { stands: true }), [], "nobody waits for EOT any more");
}

#[test]
fn a_terminal_that_said_ack_may_close_its_side_and_still_gets_eot() {
    let mut line = Line::confirming();
    assert_eq!(line.gets(Input::Gone), []);
    let finished = [Action::Write(Control::Eot), Action::Close(Ended::Finished)];
    assert_eq!(line.gets(Input::Acknowledged { stands: true }), finished);
}

#[test]
fn a_telegram_may_come_in_any_pieces_and_after_some_noise() {
    let telegram = telegram();
    for cut in 0..telegram.len() {
        let mut line = Line::invited();
        assert_eq!(line.bytes(&telegram[..cut]), []);
        assert_eq!(line.bytes(&telegram[cut..]), [Action::Take(content())], "cut at {cut}");
    }
    let mut line = Line::invited();
    assert_eq!(line.bytes(&[ACK; NOISE]), []);
    for byte in &telegram[..telegram.len() - 1] {
        assert_eq!(line.bytes(&[*byte]), []);
    }
    assert_eq!(line.bytes(&telegram[telegram.len() - 1..]), [Action::Take(content())]);
}

#[test]
fn a_terminal_has_its_time_for_the_whole_telegram_not_for_each_byte() {
    let mut line = Line::invited();
    for byte in &telegram()[..14] {
        line.now += Duration::from_secs(1);
        assert_eq!(line.bytes(&[*byte]), []);
    }
    assert_eq!(line.left(), Some(Duration::from_secs(1)));
    assert_eq!(line.waits(), [Action::Close(Ended::NoTelegram)]);
}

#[test]
fn a_broken_frame_is_asked_for_again_three_times() {
    let mut no_etx = telegram();
    let at = no_etx.len() - 2;
    no_etx[at] = b'7';
    let frames: [&[u8]; 6] =
        [&broken(), &no_etx, b"\x02abcd", b"\x029999", b"\x020059", &[&broken()[..], b"rest"].concat()];
    for frame in frames {
        let mut line = Line::invited();
        for _ in 0..REPEATS {
            assert_eq!(line.bytes(frame), []);
            assert_eq!(line.left(), Some(QUIET));
            assert_eq!(line.waits(), [Action::Write(Control::Nak)]);
            assert_eq!(line.left(), Some(TELEGRAM_WITHIN));
        }
        assert_eq!(line.bytes(frame), [Action::Close(Ended::Broken)]);
    }
    for broken_ones in 1..=REPEATS {
        let mut line = Line::invited();
        for _ in 0..broken_ones {
            line.bytes(&broken());
            line.waits();
        }
        assert_eq!(line.bytes(&telegram()), [Action::Take(content())]);
    }
}

#[test]
fn the_rest_of_a_broken_frame_is_never_taken_for_its_repeat() {
    let mut line = Line::invited();
    assert_eq!(line.bytes(b"\x02abcd"), []);
    line.now += almost(QUIET);
    assert_eq!(line.bytes(&telegram()), [], "before NAK everything is the rest");
    assert_eq!(line.left(), Some(QUIET), "each byte puts the quiet off");
    line.now += almost(QUIET);
    assert_eq!(line.gets(Input::Time), []);
    line.now += MOMENT;
    assert_eq!(line.gets(Input::Time), [Action::Write(Control::Nak)]);
    assert_eq!(line.bytes(&telegram()), [Action::Take(content())]);
}

#[test]
fn a_line_that_is_never_quiet_ends_by_its_time_or_its_bytes() {
    let mut line = Line::garbled();
    let mut out = Vec::new();
    while out.is_empty() {
        line.now += almost(QUIET);
        out = line.gets(Input::Time);
        out.extend(line.bytes(b"x"));
    }
    assert_eq!(out, [Action::Close(Ended::NoTelegram)]);

    let mut line = Line::garbled();
    assert_eq!(line.bytes(&vec![b'x'; FRAME.max_frame()]), []);
    assert_eq!(line.bytes(b"x"), [Action::Close(Ended::Noise)]);
}

#[test]
fn an_answer_is_repeated_three_times() {
    for approval in [true, false] {
        let mut line = Line::answered(approval);
        for _ in 0..REPEATS {
            line.now += almost(ACK_WITHIN);
            assert_eq!(line.bytes(&[NAK]), [Action::WriteAnswer]);
            assert_eq!(line.left(), Some(ACK_WITHIN), "the terminal has its time again");
        }
        assert_eq!(line.bytes(&[NAK]), [Action::Close(Ended::Refused)]);
    }
    let mut line = Line::answered(true);
    assert_eq!(line.bytes(&[NAK]), [Action::WriteAnswer]);
    assert_eq!(line.bytes(&[ACK]), [Action::Acknowledge]);
    let mut line = Line::answered(false);
    assert_eq!(
        line.bytes(&[NAK; 4]),
        [Action::WriteAnswer, Action::WriteAnswer, Action::WriteAnswer, Action::Close(Ended::Refused)]
    );
}

#[test]
fn some_noise_is_passed_over_wherever_it_comes_and_more_is_the_end() {
    for (name, state) in STATES {
        if matches!(name, "half a telegram" | "garbled" | "ended") {
            continue;
        }
        let mut line = state();
        assert_eq!(line.bytes(&[b'x'; NOISE]), [], "{name}");
        assert_eq!(line.bytes(b"x"), [Action::Close(Ended::Noise)], "{name}");
    }
    let mut line = Line::invited();
    line.bytes(&[b'x'; NOISE]);
    line.bytes(&telegram());
    assert_eq!(line.bytes(b"x"), [Action::Close(Ended::Noise)], "it is counted over the whole connection");
    let mut line = Line::answered(true);
    assert_eq!(line.bytes(&[&[b'x'; NOISE][..], &[ACK]].concat()), [Action::Acknowledge]);
}

#[test]
fn a_second_telegram_on_the_connection_is_never_taken() {
    let two = [&telegram()[..], &telegram()[..]].concat();
    assert_eq!(Line::invited().bytes(&two), [Action::Close(Ended::Noise)]);
    let mut line = Line::working();
    assert_eq!(line.bytes(&telegram()), [Action::Close(Ended::Noise)]);
}

#[test]
fn what_is_shown_of_a_telegram_is_its_length() {
    assert_eq!(format!("{:?}", Action::Take(content())), "Take(100 bytes)");
}

/// Something that happens on a line.
#[derive(Clone, Debug)]
enum Happens {
    Bytes(Vec<u8>),
    Answer(bool),
    Acknowledged(bool),
    Time(u64),
    Gone,
    Closing,
    MakeRoom,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => prop::collection::vec(prop_oneof![Just(ACK), Just(NAK), Just(2_u8), any::<u8>()], 1..8).prop_map(Happens::Bytes),
        3 => Just(Happens::Bytes(telegram().to_vec())),
        2 => Just(Happens::Bytes(broken().to_vec())),
        3 => any::<bool>().prop_map(Happens::Answer),
        3 => any::<bool>().prop_map(Happens::Acknowledged),
        4 => (0..20_000_u64).prop_map(Happens::Time),
        1 => Just(Happens::Gone),
        1 => Just(Happens::Closing),
        1 => Just(Happens::MakeRoom),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_the_rules_of_the_connection_hold(events in prop::collection::vec(happens(), 0..60)) {
        let mut line = Line::invited();
        let (mut done, mut approval, mut stands): (Vec<Action>, bool, bool) = (Vec::new(), false, false);
        for event in events {
            let before = line.left();
            let out = match event {
                Happens::Bytes(bytes) => line.bytes(&bytes),
                Happens::Answer(is_approval) => {
                    let out = line.gets(Input::Answer { approval: is_approval });
                    approval |= is_approval && !out.is_empty();
                    out
                }
                Happens::Acknowledged(it_stands) => {
                    let out = line.gets(Input::Acknowledged { stands: it_stands });
                    stands |= it_stands && !out.is_empty();
                    out
                }
                Happens::Time(milliseconds) => {
                    line.now += Duration::from_millis(milliseconds);
                    line.gets(Input::Time)
                }
                Happens::Gone => line.gets(Input::Gone),
                Happens::Closing => line.gets(Input::Closing),
                Happens::MakeRoom => line.gets(Input::MakeRoom),
            };
            let ended = matches!(done.last(), Some(Action::Close(_)));
            prop_assert!(!ended || (out.is_empty() && before.is_none()), "nothing follows the end");
            done.extend(out);
        }
        let count = |action: &Action| done.iter().filter(|done| *done == action).count();
        prop_assert!(done.iter().filter(|done| matches!(done, Action::Take(_))).count() <= 1);
        prop_assert!(count(&Action::Acknowledge) <= usize::from(approval));
        prop_assert!(count(&Action::Write(Control::Nak)) <= 3);
        prop_assert!(count(&Action::WriteAnswer) <= 4);
        let eot = count(&Action::Write(Control::Eot));
        prop_assert_eq!(eot, count(&Action::Close(Ended::Finished)));
        prop_assert!(eot == 0 || !approval || (stands && count(&Action::Acknowledge) == 1));
    }
}
