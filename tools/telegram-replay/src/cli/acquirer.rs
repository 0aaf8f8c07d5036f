//! `telegram-replay acquirer`

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use telegram_replay::acquirer::{Acquirer, Dialect, Script, Settings, Tls, amount_table};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, SpecFolder, Verdict, address, on_one_thread};

/// Options of `acquirer`.
#[derive(Debug, clap::Args)]
#[command(after_help = amount_table(), after_long_help = amount_table())]
pub(crate) struct Args {
    /// Its language: kovan, kspay, kicc or card450.
    #[arg(long, value_name = "NAME", value_parser = dialect)]
    dialect: &'static Dialect,
    /// Where it listens; port 0 takes a free one, which is printed.
    #[arg(long, value_name = "ADDR", value_parser = address)]
    listen: SocketAddr,
    /// Rules by amount, serial or count, in TOML.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// How late a late answer is.
    #[arg(long, value_name = "MS", default_value_t = 3000)]
    late_ms: u64,
    /// How long after its refused net-cancel an approval is given all the same.
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    after_net_cancel_ms: u64,
    /// How long every answer takes.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    delay_ms: u64,
    /// Every approval, cancel and net-cancel as JSON lines; an existing file is continued.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// TLS on every socket, with this certificate (PEM, its chain behind it).
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Clients must show a certificate by this authority (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_client_ca: Option<PathBuf>,
    #[command(flatten)]
    spec: SpecFolder,
}

pub(super) fn run(args: Args) -> Result<Verdict, Failure> {
    let mut settings = Settings::new(args.listen);
    settings.late = Duration::from_millis(args.late_ms);
    settings.after_net_cancel = Duration::from_millis(args.after_net_cancel_ms);
    settings.delay = Duration::from_millis(args.delay_ms);
    if let Some(path) = &args.script {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        settings.script = Script::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if let (Some(certificate), Some(key)) = (&args.tls_certificate, &args.tls_key) {
        settings.tls = Some(Tls::load(certificate, key, args.tls_client_ca.as_deref())?);
    }
    if let Some(path) = &args.truth {
        let file = File::options().create(true).append(true).open(path);
        let file = file.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        settings.truth = Some(Box::new(BufWriter::new(file)));
    }
    on_one_thread(serve(args, settings))?
}

async fn serve(args: Args, settings: Settings) -> Result<Verdict, Failure> {
    let acquirer = Acquirer::start(args.dialect, &args.spec.layouts(), settings).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{} listens on {}", args.dialect.name, acquirer.local_addr())?;
    out.flush()?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    acquirer.stop().await;
    Ok(Verdict::Well)
}

fn dialect(name: &str) -> Result<&'static Dialect, String> {
    Dialect::named(name).ok_or_else(|| {
        let names: Vec<_> = Dialect::ALL.iter().map(|dialect| dialect.name).collect();
        format!("expected one of {}", names.join(", "))
    })
}
