//! Payments a second through the store, two saves each, beside a file that is only appended to and synced.
//!
//! `cargo bench -p benches --bench store`; the ratios at the end are of one interleaved run, the only figures that count.

use std::{
    cell::RefCell,
    fs::File,
    hint::black_box,
    io::Write,
    path::Path,
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, Throughput};
use jiff::{SignedDuration, Timestamp};
use payment::{
    AcquirerName, Amounts, Answer, Approval, CardFacts, CardNumber, ContentDigest, EntryMode, Event,
    Failover, Fingerprint, HostCodes, InstanceNo, MerchantNo, PartialCancel, PaymentId, Request, Route,
    SealedCard, Serial, Started, TelegramKey, TelegramKind, TerminalId, Terms, TraceNo, Verdict, Won,
};
use store::{Batch, Claim, Completion, Engine, Memory, Reader, Saved, Sqlite, Store, Stored, Unsaved};

/// Payments in flight at a time.
const IN_FLIGHT: [u64; 3] = [32, 256, 1000];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(10)
        .configure_from_args();
    let times = RefCell::new(Vec::new());
    for in_flight in IN_FLIGHT {
        let row = vec![b'x'; bytes_of_a_save()];
        let mut group = criterion.benchmark_group("payments");
        group.throughput(Throughput::Elements(in_flight));
        let noted = |name, took: Duration, rounds: u64| {
            times.borrow_mut().push((in_flight, name, took.as_secs_f64() / precise(rounds * in_flight)));
            took
        };
        group.bench_function(BenchmarkId::new("append and fdatasync", in_flight), |bencher| {
            let mut file = tempfile::tempfile_in(".").expect("the folder can be written to");
            bencher.iter_custom(|rounds| {
                noted("append and fdatasync", append(&mut file, &row, in_flight, rounds), rounds)
            });
        });
        group.bench_function(BenchmarkId::new("sqlite", in_flight), |bencher| {
            let folder = tempfile::tempdir_in(".").expect("the folder can be written to");
            let path = folder.path().join("switch.db");
            let mut load = Load::sqlite(&path, in_flight);
            bencher.iter_custom(|rounds| noted("sqlite", load.run(rounds), rounds));
            load.store.close();
        });
        group.bench_function(BenchmarkId::new("memory", in_flight), |bencher| {
            let memory = Arc::new(Mutex::new(Memory::new(instance())));
            let mut load = Load::new(memory.clone(), memory, in_flight);
            bencher.iter_custom(|rounds| noted("memory", load.run(rounds), rounds));
            load.store.close();
        });
        group.finish();
    }
    criterion.final_summary();
    print_ratios(&times.into_inner());
}

#[expect(clippy::print_stdout, reason = "the result of a benchmark")]
fn print_ratios(times: &[(u64, &str, f64)]) {
    let median = |in_flight, name| {
        let of_one = |time: &&(u64, &str, f64)| time.0 == in_flight && time.1 == name;
        let mut seconds: Vec<f64> = times.iter().filter(of_one).map(|time| time.2).collect();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied()
    };
    for in_flight in IN_FLIGHT {
        let of = |name| median(in_flight, name).map(|seconds| 1.0 / seconds);
        if let (Some(raw), Some(sqlite)) = (of("append and fdatasync"), of("sqlite")) {
            let ratio = sqlite / raw;
            println!(
                "{in_flight} in flight: {sqlite:.0} payments/s, {ratio:.2} of append and fdatasync ({raw:.0}/s)"
            );
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn precise(count: u64) -> f64 {
    count as f64
}

/// Two appends for each payment, all in flight at once in each.
fn append(file: &mut File, row: &[u8], in_flight: u64, rounds: u64) -> Duration {
    let batch = row.repeat(usize::try_from(in_flight).expect("a thousand"));
    let begin = Instant::now();
    for _ in 0..2 * rounds {
        file.write_all(black_box(&batch)).expect("the disk has room");
        file.sync_data().expect("the disk can sync");
    }
    begin.elapsed()
}

/// Payments going through a store, a new one for each that ends.
struct Load {
    store: Store,
    completions: mpsc::Receiver<Completion>,
    in_flight: u64,
    begun: u64,
    now: Timestamp,
}

impl Load {
    fn sqlite(path: &Path, in_flight: u64) -> Self {
        let writer = Sqlite::open(path, instance()).expect("a fresh folder");
        let reader = Sqlite::reader(path).expect("it was opened");
        Self::new(writer, reader, in_flight)
    }

    fn new(writer: impl Engine, reader: impl Reader, in_flight: u64) -> Self {
        let (sender, completions) = mpsc::channel();
        let tell = move |completion| drop(sender.send(completion));
        let store = Store::start(writer, reader, tell).expect("threads can be started");
        Self { store, completions, in_flight, begun: 0, now: "2026-11-20T03:00:00Z".parse().expect("one") }
    }

    /// Brings `rounds` times as many payments to their approval as are in flight at once.
    fn run(&mut self, rounds: u64) -> Duration {
        let (mut ended, wanted, to_begin) =
            (0, rounds * self.in_flight, self.begun + rounds * self.in_flight);
        let begin = Instant::now();
        let first = (0..self.in_flight).map(|_| self.start()).collect();
        self.store.submit(Batch { saves: first, notes: Vec::new() });
        while ended < wanted {
            let saved = match self.completions.recv().expect("the store runs") {
                Completion::Saved(saved) => saved,
                other => panic!("{other:?}"),
            };
            let mut batch = Batch::default();
            for saved in saved {
                let Saved::Done(stored, effects) = saved else { panic!("{saved:?}") };
                black_box(effects);
                if stored.version() == 1 {
                    batch.saves.push(self.approve(stored));
                } else {
                    ended += 1;
                    if self.begun < to_begin {
                        batch.saves.push(self.start());
                    }
                }
            }
            if !batch.is_empty() {
                self.store.submit(batch);
            }
        }
        begin.elapsed()
    }

    fn start(&mut self) -> Unsaved {
        self.now += SignedDuration::from_micros(20);
        self.begun += 1;
        start(self.begun, self.now)
    }

    fn approve(&mut self, stored: Stored) -> Unsaved {
        self.now += SignedDuration::from_micros(20);
        approve(stored, self.now)
    }
}

fn instance() -> InstanceNo {
    InstanceNo::new(1).expect("below 92")
}

/// A payment of one of ten thousand terminals, in the order of their trace numbers.
fn start(count: u64, now: Timestamp) -> Unsaved {
    let text = |count: u64| format!("{:010}", 1_000_000_000 + count * 7919 % 10_000);
    let sent_at = "2026-11-20T12:00:00".parse::<jiff::civil::DateTime>().expect("a date and a time");
    let key = TelegramKey {
        terminal: TerminalId::new(&text(count)).expect("ten digits"),
        business_date: sent_at.date(),
        trace_no: TraceNo::new(u32::try_from(count / 10_000).expect("few")).expect("six digits"),
        kind: TelegramKind::Approval,
    };
    let number = CardNumber::new("9450001234567890").expect("sixteen digits");
    let request = Request {
        key,
        sent_at,
        digest: ContentDigest([7; 16]),
        received_at: now,
        wall_ahead_ms: 0,
        merchant: MerchantNo::new("1208800001").expect("ten digits"),
        entry_mode: EntryMode::Chip,
        card: CardFacts::Number {
            bin: number.bin(),
            masked: number.masked(),
            fingerprint: Fingerprint([9; 16]),
        },
        installment: 0,
        currency: 410,
        amounts: Amounts::of_approval(Won::new(11_000).expect("few digits"), None, None, None)
            .expect("components fit"),
        merchant_data: vec![b' '; 40],
    };
    let serial = Serial::new(instance(), count * 4).expect("ten digits");
    let route = |name: &str, serial| {
        let merchant = [("cat_id", "7001234567"), ("merchant_no", "1")];
        Arc::new(Route {
            acquirer: AcquirerName::new(name).expect("a name"),
            serial,
            answer_timeout_ms: 10_000,
            settle_after_ms: 60_000,
            partial_cancel: PartialCancel::Repeatable,
            day_skew_ms: None,
            merchant: merchant.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        })
    };
    let next = Serial::new(instance(), count * 4 + 2).expect("ten digits");
    let terms = Terms {
        terminal_deadline_ms: 28_000,
        failover: Failover::AfterNetCancel,
        net_cancel_first_delay_ms: 0,
        net_cancel_max_delay_ms: 60_000,
        net_cancel_alarm_after_ms: 300_000,
        net_cancel_give_up_after_ms: 86_400_000,
        undelivered_grace_ms: 30_000,
        acknowledged_within_ms: None,
    };
    let started = Started {
        id: PaymentId::new(key.business_date, serial),
        request: Arc::new(request),
        routes: vec![route("kovan", serial), route("kspay", next)],
        terms,
    };
    let claim = Claim::Telegram { key, until: now + SignedDuration::from_hours(25) };
    Unsaved::start(started, Some(SealedCard::new(&[3; 60])), vec![claim], now)
}

fn approve(stored: Stored, now: Timestamp) -> Unsaved {
    let approval = Approval {
        approval_no: "30001234".to_owned(),
        approved_at: "2026-11-20T12:00:01".parse().ok(),
        van_trace: "000123456789".to_owned(),
        issuer_code: "0301".to_owned(),
        issuer_name: "한강카드".to_owned(),
        acquirer_code: "0301".to_owned(),
        acquirer_name: "한강카드".to_owned(),
        acquirer_merchant_no: "00951234567".to_owned(),
        host_code: "0000".to_owned(),
        message1: "정상승인".to_owned(),
        message2: String::new(),
    };
    let answer = Answer {
        amount: Won::new(11_000).ok(),
        codes: HostCodes { issuer: None, van: Some("0000".to_owned()) },
        verdict: Verdict::Approved(Arc::new(approval)),
    };
    stored.step(Event::Answered { attempt: 0, answer }, now).expect("attempt 0 was made")
}

/// What the state and the event of one save come to, as the two of a payment have it on average.
fn bytes_of_a_save() -> usize {
    let mut memory = Memory::new(instance());
    let mut save = |unsaved| {
        let batch = Batch { saves: vec![unsaved], notes: Vec::new() };
        match store::save(&mut memory, batch).expect("memory has room").pop() {
            Some(Saved::Done(stored, _)) => stored,
            other => panic!("{other:?}"),
        }
    };
    let stored = save(start(1, Timestamp::UNIX_EPOCH));
    let states = serde_json::to_vec(stored.payment()).expect("it is stored as JSON").len();
    let stored = save(approve(stored, Timestamp::UNIX_EPOCH));
    let states = states + serde_json::to_vec(stored.payment()).expect("it is stored as JSON").len();
    let events: usize = memory.events().iter().map(|event| event.event.len()).sum();
    usize::midpoint(states, events)
}
