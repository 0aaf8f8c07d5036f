//! The switch's command line. Results go to stdout, JSON logs to stderr. Exit codes: 0 success, 1 the work found fault, 2 bad
//! usage or it cannot start.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use switch::{
    admin,
    chain::chain,
    check::{self, Explanation},
    config::Config,
    control::commands::{self, Cancels, CommandError, NetCancels},
    log::Log,
    panics,
    reload::Reloader,
    sandbox, serve,
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Raw TCP switch for fixed-length card-approval telegrams (오프라인 결제 승인 중계).
#[derive(Parser)]
#[command(name = "switch", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Simulated acquirers and the switch on an embedded store, with a sample day replayed over real TCP.
    Sandbox {
        /// End after the replay; exit code 0 only if every line went as the sample says and nothing is owed.
        #[arg(long)]
        once: bool,
        /// One JSON object as the last line instead of the table.
        #[arg(long)]
        json: bool,
        /// Where store, keys and configuration go [default: a folder that is removed at the end].
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Where to listen for terminals.
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7001")]
        listen: SocketAddr,
        /// Which store; this version has sqlite.
        #[arg(long, value_name = "STORE", default_value = "sqlite", value_parser = ["sqlite"])]
        store: String,
    },
    /// The switch.
    Serve {
        /// Its configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Net-cancels (망취소) of the running switch: what is owed, and what a person does about it.
    NetCancels {
        #[command(subcommand)]
        what: NetCancels,
    },
    /// Cancels (취소) of the running switch that no answer has settled, and what a person does about them.
    Cancels {
        #[command(subcommand)]
        what: Cancels,
    },
    /// Has the running switch read its configuration again, whole or not at all, as SIGHUP does.
    Reload {
        /// The configuration it runs on.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Checks a configuration and explains it, or the route of one payment by it.
    Check {
        /// The configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        #[command(flatten)]
        payment: check::PaymentArgs,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    panics::end_the_process();
    let log = match Log::start(io::stderr()) {
        Ok(log) => log,
        Err(error) => return end(&miette::miette!("cannot start a thread: {error}")),
    };
    tracing_subscriber::fmt()
        .json()
        .with_writer(log.clone())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| cli.command.default_level().into()),
        )
        .init();
    let ended = run(cli.command);
    log.finish();
    ended.unwrap_or_else(|report| end(&report))
}

fn end(report: &miette::Report) -> ExitCode {
    // Nobody is left to hear of a broken stderr.
    let _ = writeln!(io::stderr(), "{report:?}");
    ExitCode::from(2)
}

impl Command {
    fn default_level(&self) -> &'static str {
        match self {
            Self::Serve { .. } => "info",
            // What is printed tells what happens.
            Self::Sandbox { .. }
            | Self::Check { .. }
            | Self::NetCancels { .. }
            | Self::Cancels { .. }
            | Self::Reload { .. } => "off",
        }
    }
}

fn run(command: Command) -> miette::Result<ExitCode> {
    if let Command::Check { config, payment } = &command {
        let payment = payment.payment().map_err(|error| miette::miette!("{error}"))?;
        return match Config::read(config) {
            Ok(config) => {
                let Explanation { text, has_route } = match payment {
                    Some(payment) => check::explain_payment(&config, &payment),
                    None => Explanation { text: check::explain(&config), has_route: true },
                };
                write!(io::stdout(), "{text}").map_err(|error| miette::miette!("{error}"))?;
                Ok(ExitCode::from(u8::from(!has_route)))
            }
            Err(error @ switch::config::ConfigError::Unreadable { .. }) => Err(error.into()),
            Err(error) => {
                let report = miette::Report::new(error);
                // Nobody is left to hear of a broken stderr.
                let _ = writeln!(io::stderr(), "{report:?}");
                Ok(ExitCode::from(1))
            }
        };
    }
    match &command {
        Command::NetCancels { what } => return answered(what.run()),
        Command::Cancels { what } => return answered(what.run()),
        Command::Reload { config } => return answered(commands::reload(config)),
        Command::Sandbox { .. } | Command::Serve { .. } | Command::Check { .. } => {}
    }
    // One thread: the exchange is one task, and a second thread would only pass its messages about.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| miette::miette!("cannot start the runtime: {error}"))?;
    let ended = runtime.block_on(async {
        let ends = [SignalKind::terminate(), SignalKind::interrupt()];
        match command {
            Command::Serve { config } => serve_until(&config, stop_on(&ends)?).await,
            Command::Sandbox { once, json, data, listen, store: _ } => {
                // Whoever closes its terminal ends it.
                let stop = stop_on(&[ends[0], ends[1], SignalKind::hangup()])?;
                let options = sandbox::Options { once, json, data, listen };
                let well = sandbox::run(options, stop).await.map_err(report)?;
                Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
            }
            Command::Check { .. }
            | Command::NetCancels { .. }
            | Command::Cancels { .. }
            | Command::Reload { .. } => Ok(ExitCode::SUCCESS),
        }
    });
    // A file that is never read is not waited for.
    runtime.shutdown_background();
    ended
}

/// Whether the running switch did it.
fn answered(done: Result<bool, CommandError>) -> miette::Result<ExitCode> {
    match done {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::from(1)),
        Err(error) => Err(report(error)),
    }
}

async fn serve_until(file: &Path, stop: CancellationToken) -> miette::Result<ExitCode> {
    let config = Config::read(file)?;
    let metrics =
        admin::install_metrics().map_err(|error| miette::miette!("cannot install metrics: {error}"))?;
    // From the first moment: a hangup must not end it.
    let hangups = signal(SignalKind::hangup())
        .map_err(|error| miette::miette!("cannot listen for signals: {error}"))?;
    let mut serving = serve::start(config, Some(metrics)).await.map_err(report)?;
    let reloader = serving.take_commands(file.to_owned());
    tokio::spawn(reload_on_hangups(hangups, reloader));
    for (name, address) in &serving.terminals {
        tracing::info!(listener = name, %address, "listening");
    }
    if let Some(address) = serving.admin {
        tracing::info!(listener = "admin", %address, "listening");
    }
    match serving.run(stop).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            tracing::error!(error = %chain(&error), "the switch stops: nothing may be answered any more");
            Ok(ExitCode::from(1))
        }
    }
}

async fn reload_on_hangups(mut hangups: Signal, reloader: Reloader) {
    while hangups.recv().await.is_some() {
        tracing::info!("SIGHUP: reading the configuration again");
        // The log tells what came of it.
        let _ = reloader.reload().await;
    }
}

fn stop_on(kinds: &[SignalKind]) -> miette::Result<CancellationToken> {
    let stop = CancellationToken::new();
    for kind in kinds {
        let mut signals =
            signal(*kind).map_err(|error| miette::miette!("cannot listen for signals: {error}"))?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signals.recv().await;
            stop.cancel();
        });
    }
    Ok(stop)
}

fn report(error: impl std::error::Error) -> miette::Report {
    miette::miette!("{}", chain(&error))
}
