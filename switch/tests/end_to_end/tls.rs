//! TLS to acquirers.

#[allow(dead_code, reason = "shared with tests that need more of it")]
#[path = "../../../acquirer-links/tests/support/certificates.rs"]
mod certificates;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread::JoinHandle,
    time::Duration,
};

use telegram_replay::acquirer::{Acquirer, Event, Script, Settings, Tls};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

use self::certificates::{Authority, HOST, Issued};
use crate::support::{
    Approval, Client, Home, Plan, Switch, acquirer, acquirer_with, count, direct_card, eventually,
    switch_command,
};

/// PEM files, as a person lays them beside the configuration.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The key `tls` of an acquirer that is trusted by that authority.
    fn trusting(&self, name: &str, authority: &Authority) -> String {
        let ca = self.write(name, &authority.certificate);
        format!("tls = {{ ca = \"{}\", server_name = \"{HOST}\" }}", ca.display())
    }

    /// The same with a certificate of our own.
    fn showing(&self, name: &str, authority: &Authority, own: &Issued) -> String {
        let certificate = self.write("own.pem", &own.certificate);
        let key = self.write("own.key", &own.key);
        let tls = self.trusting(name, authority);
        let own = format!(", certificate = \"{}\", key = \"{}\" }}", certificate.display(), key.display());
        tls.replace(" }", &own)
    }
}

/// A simulated acquirer that speaks TLS with that certificate.
async fn over_tls(dialect: &str, issued: &Issued) -> Acquirer {
    acquirer_with(dialect, |settings| settings.tls = Some(tls(issued))).await
}

fn tls(issued: &Issued) -> Tls {
    Tls::from_pem(&issued.certificate, &issued.key, None).unwrap()
}

/// A configuration with these lines in the section of the acquirer.
fn with(toml: &str, name: &str, lines: &str) -> String {
    let section = format!("[acquirers.{name}]\n");
    assert!(toml.contains(&section));
    toml.replace(&section, &format!("{section}{lines}\n"))
}

/// Waits until the log has a line about the acquirer with that text.
async fn told(switch: &Switch, name: &str, text: &str) {
    let about = format!("\"acquirer\":\"{name}\"");
    let found = || {
        let log = switch.log();
        log.lines().any(|line| line.contains(&about) && line.contains(text)).then_some(())
    };
    eventually(&format!("{name} is told as: {text}"), found).await;
}

/// A file that can be read once: who reads it a second time waits for ever.
fn readable_once(path: &Path, text: String) -> JoinHandle<()> {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let path = path.to_owned();
    std::thread::spawn(move || fs::write(path, text).unwrap())
}

async fn code(client: &mut Client, trace: u32) -> String {
    client.ask(&Approval::new(trace, 10_000)).await.code()
}

#[tokio::test]
async fn payments_go_over_tls_in_every_way_of_using_sockets() {
    let (files, authority) = (Files::new(), Authority::new("CA"));
    let issued = authority.issue(HOST);
    let (kovan, kspay) = (over_tls("kovan", &issued).await, over_tls("kspay", &issued).await);
    let company = over_tls("card450", &issued).await;
    let plan = Plan::vans(&[("kovan", &kovan, 1), ("kspay", &kspay, 1)]).with_direct(&company);
    let mut toml = plan.toml();
    for name in ["kovan", "kspay", "card450"] {
        toml = with(&toml, name, &files.trusting("ca.pem", &authority));
    }
    let home = Home::new(&toml);
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    for trace in 1..=20 {
        assert_eq!(code(&mut client, trace).await, "0000");
        let direct = client.ask(&Approval::new(100 + trace, 10_000).card(&direct_card(1))).await;
        assert_eq!((direct.code(), direct.text("route")), ("0000".into(), "card450".into()));
    }
    for acquirer in [&kovan, &kspay] {
        assert_eq!(count(&acquirer.truth(), Event::Approved), 10);
    }
    assert_eq!(count(&company.truth(), Event::Approved), 20);
    switch.stop().await;
}

#[tokio::test]
async fn an_acquirer_that_wants_our_certificate_gets_it_and_without_it_no_request() {
    let files = Files::new();
    let (authority, clients) = (Authority::new("CA"), Authority::new("Clients' CA"));
    let issued = authority.issue(HOST);
    let wants = |settings: &mut Settings| {
        let tls = Tls::from_pem(&issued.certificate, &issued.key, Some(&clients.certificate));
        settings.tls = Some(tls.unwrap());
    };
    let van = acquirer_with("kovan", wants).await;
    let toml = Plan::van(&van).toml();
    let home = Home::new(&with(&toml, "kovan", &files.trusting("ca.pem", &authority)));
    let switch = Switch::start(&home).await;
    told(&switch, "kovan", "the peer requires a client certificate, and none is configured").await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(code(&mut client, 1).await, "9021");
    assert_eq!(home.open_payments(), 0, "what was never sent is not owed");
    switch.stop().await;

    let own = clients.issue("switch.test");
    home.configure(&with(&toml, "kovan", &files.showing("ca.pem", &authority, &own)));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(code(&mut client, 2).await, "0000");
    let log = switch.log();
    let key = own.key.lines().nth(1).unwrap();
    assert!(!log.contains(key) && !log.contains("PRIVATE KEY"));
    switch.stop().await;
}

/// A listener that takes sockets and says nothing on them.
async fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[tokio::test]
async fn an_acquirer_that_cannot_be_trusted_is_told_why_and_its_payments_go_elsewhere() {
    let (files, authority) = (Files::new(), Authority::new("CA"));
    let expired = over_tls("kovan", &authority.issue_expired()).await;
    let stranger = over_tls("kovan", &Authority::new("CA").issue(HOST)).await;
    let elsewhere = over_tls("kovan", &authority.issue("elsewhere.test")).await;
    let plain = acquirer("kovan", Script::default()).await;
    let stalled = acquirer("kovan", Script::default()).await;
    let well = over_tls("kovan", &authority.issue(HOST)).await;
    let bad = [
        ("expired", &expired, "the acquirer's certificate has expired"),
        ("stranger", &stranger, "comes from an authority that is not in the CA file"),
        ("elsewhere", &elsewhere, "is not for the configured server name"),
        ("plain", &plain, "the peer closed the connection during the TLS handshake"),
        ("stalled", &stalled, "connected, but no whole TLS handshake within 300ms"),
    ];
    let (listener, nowhere) = silent().await;
    let holding = tokio::spawn(async move {
        let mut sockets: Vec<TcpStream> = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            sockets.push(socket);
        }
    });
    let configured = |vans: &[(&'static str, &Acquirer, u32)]| {
        let mut toml = Plan::vans(vans).toml();
        toml = toml.replace(&stalled.local_addr().to_string(), &nowhere);
        for (name, ..) in vans {
            let lines = files.trusting("ca.pem", &authority) + "\nconnect_timeout_ms = 300";
            toml = with(&toml, name, &lines);
        }
        toml
    };
    let mut vans: Vec<_> = bad.iter().map(|(name, van, _)| (*name, *van, 19)).collect();
    let home = Home::new(&configured(&vans));
    let switch = Switch::start(&home).await;
    for (name, _, why) in bad {
        told(&switch, name, why).await;
    }
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(code(&mut client, 1).await, "9021");
    switch.stop().await;

    vans.push(("well", &well, 1));
    home.configure(&configured(&vans));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    let up = || switch.log().contains("link up").then_some(());
    eventually("the line to the good one stands", up).await;
    for trace in 2..=21 {
        let answer = client.ask(&Approval::new(trace, 10_000)).await;
        assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "well".into()));
    }
    for (name, van, _) in bad {
        assert_eq!(count(&van.truth(), Event::Approved), 0, "{name}");
    }
    assert_eq!(home.open_payments(), 0);
    switch.stop().await;
    holding.abort();
}

#[tokio::test]
async fn a_reload_reads_the_certificates_again_so_that_an_authority_can_be_replaced() {
    let (files, old, new) = (Files::new(), Authority::new("Old CA"), Authority::new("New CA"));
    let van = over_tls("kovan", &old.issue(HOST)).await;
    let address = van.local_addr();
    let home = Home::new(&with(&Plan::van(&van).toml(), "kovan", &files.trusting("ca.pem", &old)));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(code(&mut client, 1).await, "0000");

    // The acquirer takes its new certificate before the switch has heard of the authority.
    van.stop().await;
    let van = acquirer_with("kovan", |settings| {
        settings.listen = address;
        settings.tls = Some(tls(&new.issue(HOST)));
    })
    .await;
    told(&switch, "kovan", "comes from an authority that is not in the CA file").await;
    assert_eq!(code(&mut client, 2).await, "9021");

    // A file that is of no use changes nothing.
    files.write("ca.pem", "no certificate at all");
    let refused = switch_command(&home, &["reload"]).await;
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    assert!(refused.err.contains("no certificate in it"), "{}", refused.err);

    files.write("ca.pem", &[old.certificate, new.certificate].concat());
    let reloaded = switch_command(&home, &["reload"]).await;
    assert_eq!(reloaded.code, Some(0), "{}", reloaded.err);
    let mut trace = 2;
    loop {
        trace += 1;
        match code(&mut client, trace).await.as_str() {
            "0000" => break,
            // The new links are not up yet.
            "9021" => assert!(trace < 10_000, "the reloaded certificates are never used"),
            other => panic!("answered {other}"),
        }
    }
    assert_eq!(count(&van.truth(), Event::Approved), 1);
    switch.stop().await;
}

#[tokio::test]
async fn certificates_are_read_once_where_nobody_waits_for_them_and_links_go_by_what_was_read() {
    let (files, authority) = (Files::new(), Authority::new("CA"));
    let van = over_tls("kovan", &authority.issue(HOST)).await;
    let trusting = files.trusting("ca.pem", &authority);
    let home = Home::new(&with(&Plan::van(&van).toml(), "kovan", &trusting));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(code(&mut client, 1).await, "0000");
    let ca = files.folder.path().join("ca.pem");
    fs::remove_file(&ca).unwrap();
    let written = readable_once(&ca, authority.certificate.clone());
    // With other links, for which the certificates are needed.
    let toml = Plan { links: 3, ..Plan::van(&van) }.toml();
    home.configure(&with(&toml, "kovan", &trusting));
    let reloaded = tokio::time::timeout(Duration::from_secs(20), switch_command(&home, &["reload"])).await;
    let reloaded = reloaded.expect("the switch answers");
    assert_eq!(reloaded.code, Some(0), "{}", reloaded.err);
    written.join().unwrap();
    assert_eq!(code(&mut client, 2).await, "0000");
    assert_eq!(count(&van.truth(), Event::Approved), 2);
    switch.stop().await;
}
