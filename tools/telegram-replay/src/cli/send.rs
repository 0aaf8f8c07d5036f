//! `telegram-replay send`

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use telegram_replay::capture::{Capture, grammar};
use telegram_replay::send::{exchange_text, summary_text};
use telegram_replay::terminal::{self, PlayError, Settings};

use super::{Failure, SpecFolder, Verdict, address, on_one_thread};

/// Options of `send`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = format!("Captures:\n\n{}", grammar()))]
pub(crate) struct Args {
    /// The switch's terminal listener.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    to: SocketAddr,
    #[command(flatten)]
    spec: SpecFolder,
    /// One JSON object per exchange; the last line is the summary.
    #[arg(long)]
    json: bool,
    /// How long an answer may take.
    #[arg(long, value_name = "S", default_value_t = 35)]
    answer_timeout_s: u64,
    /// Added to every trace number in field form, so that a capture can be sent again on the same day.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..1_000_000))]
    trace_base: u32,
    /// Added to every terminal of ten digits in field form, so that a capture with batch totals can be sent again on the same day.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..1_000_000_000))]
    terminal_base: u64,
    /// The capture.
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Verdict, Failure> {
    let capture = Capture::load(&args.file)?;
    let settings = Settings {
        answer_timeout: Duration::from_secs(args.answer_timeout_s),
        trace_base: args.trace_base,
        terminal_base: args.terminal_base,
        ..Settings::new(args.to)
    };
    let mut out = std::io::stdout().lock();
    let mut printed = Ok(());
    let mut caption = None;
    let layouts = args.spec.layouts();
    let play = terminal::play(&capture, &layouts, &settings, |exchange| {
        let text = if args.json {
            serde_json::to_string(exchange).expect("text and numbers serialize") + "\n"
        } else if exchange.caption == caption {
            exchange_text(exchange)
        } else {
            caption.clone_from(&exchange.caption);
            format!("\n{}\n{}", exchange.caption.as_deref().unwrap_or_default(), exchange_text(exchange))
        };
        if printed.is_ok() {
            printed = out.write_all(text.as_bytes());
        }
    });
    let report = match on_one_thread(play)? {
        Ok(report) => report,
        Err(error @ (PlayError::Connect { .. } | PlayError::Frame { .. })) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the capture was not sent to its end");
            return Ok(Verdict::Fault);
        }
        Err(error @ PlayError::Prepare(_)) => return Err(format!("{}: {error}", args.file.display()).into()),
    };
    printed?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&report.summary)?)?;
    } else {
        writeln!(out, "\n{}", summary_text(&report.summary))?;
    }
    Ok(if report.summary.mismatches == 0 { Verdict::Well } else { Verdict::Fault })
}
