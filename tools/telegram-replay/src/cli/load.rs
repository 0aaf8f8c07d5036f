//! `telegram-replay load`

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use telegram_replay::load::{self, Cards, Report, Settings, TRACES};

use super::{Failure, SpecFolder, Verdict, address, on_one_thread};

/// Options of `load`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The switch's terminal listener (framing ascii4).
    #[arg(long, value_name = "ADDR", value_parser = address)]
    to: SocketAddr,
    /// Sockets.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=60_000))]
    connections: u32,
    /// Telegrams on the way at once on each socket.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pipeline: u32,
    /// Telegrams per second altogether; as fast as they are answered otherwise.
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// How long to send.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// How long the last answers may take.
    #[arg(long, value_name = "S", default_value_t = 35)]
    answer_timeout_s: u64,
    /// Terminals that the switch knows, both ends included.
    #[arg(long, value_name = "FROM..TO", default_value = "1000000001..1000000001", value_parser = terminals)]
    terminals: Terminals,
    /// The merchant of all terminals.
    #[arg(long, value_name = "NO", default_value = "1208800001")]
    merchant: String,
    /// Where the trace numbers begin; by default they depend on the time of day, so that runs differ.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..i64::from(TRACES)))]
    first_trace: Option<u32>,
    /// Amount of every telegram in won. A simulated acquirer decides by its last two digits.
    #[arg(long, value_name = "WON", default_value_t = 50_000)]
    amount: u64,
    /// The first 6 to 12 digits of all cards, or one whole test card number for all telegrams.
    #[arg(long, value_name = "DIGITS", default_value = "94100000")]
    card: Cards,
    /// One JSON object as the last line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    spec: SpecFolder,
}

#[derive(Debug, Clone, Copy)]
struct Terminals {
    first: u64,
    count: u32,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let settings = Settings {
        to: args.to,
        connections: args.connections,
        pipeline: args.pipeline,
        rate: args.rate,
        time: Duration::from_secs(args.seconds),
        answer_timeout: Duration::from_secs(args.answer_timeout_s),
        first_terminal: args.terminals.first,
        terminals: args.terminals.count,
        merchant_no: args.merchant.clone(),
        first_trace: args.first_trace.unwrap_or_else(load::first_trace_now),
        amount: args.amount,
        cards: args.card.clone(),
    };
    let bar = ProgressBar::new(args.seconds * 10);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar.set_style(ProgressStyle::with_template("{bar:40} {elapsed} {msg}")?);
    let layouts = args.spec.layouts();
    let load = load::load(&settings, &layouts, |elapsed, answered| {
        bar.set_position(u64::try_from(elapsed.as_millis() / 100).unwrap_or(u64::MAX));
        bar.set_message(format!("{answered} answers"));
    });
    let report = on_one_thread(load)??;
    bar.finish_and_clear();
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        out.write_all(text(&report).as_bytes())?;
    }
    if report.only_refusals() {
        tracing::error!(refused = report.refused, "the switch refused every telegram itself");
        return Ok(Verdict::Fault);
    }
    Ok(if report.errors == 0 { Verdict::Well } else { Verdict::Fault })
}

fn text(report: &Report) -> String {
    let Report { sent, approved, declined, refused, errors, tx_per_s, .. } = report;
    let Report { p50_ms, p90_ms, p99_ms, p999_ms, max_ms, .. } = report;
    let Report { overloaded, overloaded_p50_ms, overloaded_p99_ms, admitted_p50_ms, admitted_p99_ms, .. } =
        report;
    let answered = format!(
        "sent {sent}, approved {approved}, declined {declined}, refused {refused}, errors {errors}\n\
         {tx_per_s} tx/s, p50 {p50_ms} ms, p90 {p90_ms} ms, p99 {p99_ms} ms, p99.9 {p999_ms} ms, max {max_ms} ms\n"
    );
    if *overloaded == 0 {
        return answered;
    }
    format!(
        "{answered}{overloaded} not let in (9040): p50 {overloaded_p50_ms} ms, p99 {overloaded_p99_ms} ms; \
         those let in: p50 {admitted_p50_ms} ms, p99 {admitted_p99_ms} ms\n"
    )
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "expected telegrams per second".to_owned())?;
    if (0.001..=10_000_000.0).contains(&rate) {
        Ok(rate)
    } else {
        Err("expected 0.001 to 10000000".to_owned())
    }
}

fn terminals(text: &str) -> Result<Terminals, String> {
    let expected = || "expected FROM..TO, two terminal numbers of ten digits".to_owned();
    let (first, last) = text.split_once("..").ok_or_else(expected)?;
    let number = |text: &str| {
        (text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<u64>().ok())
            .flatten()
    };
    let (first, last) = (number(first).ok_or_else(expected)?, number(last).ok_or_else(expected)?);
    let count = last.checked_sub(first).ok_or("expected FROM not above TO")? + 1;
    let count = u32::try_from(count).map_err(|_| "expected at most 4294967295 terminals".to_owned())?;
    Ok(Terminals { first, count })
}
