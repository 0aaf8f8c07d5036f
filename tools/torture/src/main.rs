//! Tortures a switch. Exit codes: 0 nothing is violated, 1 something is, 2 it could not be run.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use tokio::task::JoinSet;
use torture::{
    plan::Kind,
    report::{Report, Totals},
    run::{Options, run},
};

/// Real switches under random faults, and the checker of what must be true afterwards.
#[derive(Debug, Parser)]
#[command(name = "torture")]
struct Cli {
    /// The switch, built with `--cfg failpoints`.
    #[arg(long, value_name = "FILE")]
    switch: PathBuf,
    /// The seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seeds from A to below B, several at a time; instead of `--seed`.
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    seeds: Option<(u64, u64)>,
    /// How many seeds run at a time.
    #[arg(long, default_value_t = 4)]
    jobs: usize,
    /// How long faults are injected, in minutes.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Only these faults; may be given several times.
    #[arg(long, value_name = "NAME")]
    fault: Vec<Kind>,
    /// How many times the switch dies at failpoints.
    #[arg(long, value_name = "N")]
    kills: Option<usize>,
    /// Purchases a second.
    #[arg(long, default_value_t = 40.0)]
    rate: f64,
    /// Terminals.
    #[arg(long, default_value_t = 60)]
    terminals: usize,
    /// Keeps configuration, store and logs here; what violates something is kept anyway.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(all(cli))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("failed: {error}"));
            ExitCode::from(2)
        }
    }
}

async fn all(cli: Cli) -> io::Result<bool> {
    let (from, to) = cli.seeds.unwrap_or((cli.seed, cli.seed + 1));
    let base = match &cli.keep {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("torture-{}", std::process::id())),
    };
    let (mut seeds, mut running) = (from..to, JoinSet::new());
    let (mut totals, begun) = (Totals::default(), Instant::now());
    loop {
        while running.len() < cli.jobs.max(1)
            && let Some(seed) = seeds.next()
        {
            let options = options(&cli, seed, base.join(format!("seed-{seed}")));
            running.spawn(async move { (options.seed, options.folder.clone(), run(options, say).await) });
        }
        let Some(ended) = running.join_next().await else { break };
        let (seed, folder, report) = ended.map_err(io::Error::other)?;
        match report {
            Ok(report) => {
                tell(&report)?;
                totals.add(&report);
                if !report.is_well() {
                    say(&format!("seed {seed}: see {}", folder.display()));
                } else if cli.keep.is_none() {
                    std::fs::remove_dir_all(&folder)?;
                }
            }
            // The others prove what they prove all the same.
            Err(error) => {
                totals.failed(seed);
                say(&format!("seed {seed} failed: {error}; see {}", folder.display()));
            }
        }
    }
    write!(io::stdout(), "{}", totals.told(begun.elapsed()))?;
    if totals.is_well() && cli.keep.is_none() {
        std::fs::remove_dir_all(&base)?;
    }
    Ok(totals.is_well())
}

fn options(cli: &Cli, seed: u64, folder: PathBuf) -> Options {
    let every = Kind::ALL.into_iter().map(|(kind, _)| kind).collect();
    let kinds = match (&cli.fault[..], cli.kills) {
        ([], _) => every,
        (kinds, None) => kinds.to_vec(),
        (kinds, Some(_)) => kinds.iter().copied().chain([Kind::Failpoint]).collect(),
    };
    Options {
        seed,
        length: Duration::from_secs_f64(cli.minutes.max(0.0) * 60.0),
        terminals: cli.terminals,
        rate: cli.rate,
        kinds,
        kills: cli.kills,
        program: cli.switch.clone(),
        folder,
    }
}

fn seeds(text: &str) -> Result<(u64, u64), String> {
    let (from, to) = text.split_once("..").ok_or("expected A..B")?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| "expected A..B".to_owned());
    Ok((number(from)?, number(to)?))
}

fn tell(report: &Report) -> io::Result<()> {
    write!(io::stdout(), "{report}")
}

fn say(text: &str) {
    // Nobody is left to hear of a broken stderr.
    let _ = writeln!(io::stderr(), "torture: {text}");
}
