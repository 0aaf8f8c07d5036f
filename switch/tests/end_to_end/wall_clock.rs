//! The wall clock an hour off either way when the switch starts, and set right afterwards: nobody waits longer or shorter for it, what is told to
//! others is the right time, a person is told, and a start by the right clock takes up what was recorded by the wrong one.

use std::{fs, future::Future, path::PathBuf, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use switch::{clock::Clock, config::Config, serve};
use telegram_replay::acquirer::{Acquirer, Behaviour, Deed, Event};
use tempfile::TempDir;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::support::{Answer, Approval, Client, Plan, acquirer, count, eventually, now, script};

/// Where switches with clocks of their own run one after another. What they record is by those clocks: it is not held against the acquirer's.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(plan: &Plan) -> Self {
        let place = Self { folder: TempDir::new().unwrap() };
        fs::write(place.file(), plan.toml()).unwrap();
        place
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("switch.toml")
    }

    /// Runs a switch in this process, by a clock that was so far off when it started, until `test` is through.
    async fn serve<T: Future<Output = ()>>(&self, off: SignedDuration, test: impl FnOnce(Client) -> T) {
        let config = Config::read(&self.file()).unwrap();
        let clock = Clock::started_at(Timestamp::now() + off);
        let serving = serve::start_by(config, None, clock).await.unwrap();
        let client = Client::connect(serving.terminals["terminals"]).await;
        let stop = CancellationToken::new();
        let tested = async {
            test(client).await;
            stop.cancel();
        };
        let both = async { tokio::join!(serving.run(stop.clone()), tested) };
        let (ended, ()) = timeout(Duration::from_mins(1), both).await.expect("it ends in time");
        ended.unwrap();
    }

    fn count(&self, sql: &str) -> i64 {
        let connection = Connection::open(self.folder.path().join("data/switch.db")).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn open_payments(&self) -> i64 {
        self.count("SELECT count(*) FROM payment WHERE open")
    }
}

fn assert_is_now(answer: &Answer) {
    let told = answer.text("header.sent_at");
    let told = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", &told).unwrap();
    assert!(now().duration_since(told).abs() <= SignedDuration::from_secs(5), "{told}");
}

/// Silent to a request of this amount that it approves.
const SILENT: u64 = 20_061;

/// Ignores so many net-cancels.
async fn van_that_ignores(net_cancels: u64) -> Acquirer {
    acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, Some(net_cancels))])).await
}

#[tokio::test]
async fn with_its_clock_an_hour_off_timeouts_are_as_long_as_ever_answers_tell_the_time_and_a_person_is_told()
{
    for hours in [-1, 1] {
        let van = van_that_ignores(1).await;
        let place = Place::new(&Plan::van(&van).impatient());
        let test = async |mut client: Client| {
            let answer = client.ask(&Approval::new(1, 10_000)).await;
            assert_eq!(answer.code(), "0000");
            assert_is_now(&answer);
            let asked = Instant::now();
            let answer = client.ask(&Approval::new(2, SILENT)).await;
            assert_eq!(answer.code(), "9022");
            assert_is_now(&answer);
            let waited = asked.elapsed();
            assert!(waited >= Duration::from_millis(450) && waited < Duration::from_secs(15), "{waited:?}");
            eventually("it is undone", || (place.open_payments() == 0).then_some(())).await;
            let told = "SELECT count(*) FROM payment_event WHERE event LIKE '%SwitchAlarm%clocks-parted%'";
            eventually("a person is told, once", || (place.count(told) == 1).then_some(())).await;
        };
        place.serve(SignedDuration::from_hours(hours), test).await;
        assert_eq!((van.live().len(), count(&van.truth(), Event::NetCancelled)), (1, 1));
    }
}

#[tokio::test]
async fn what_was_owed_by_a_clock_an_hour_off_is_settled_at_once_by_the_right_one() {
    for hours in [-1, 1] {
        let van = van_that_ignores(2).await;
        let place = Place::new(&Plan { max_delay_ms: 60_000, ..Plan::van(&van).impatient() });
        let owes = async |mut client: Client| {
            assert_eq!(client.ask(&Approval::new(2, SILENT)).await.code(), "9022");
            let tried = || count(&van.truth(), Event::Ignored) == 2;
            eventually("it is tried again", || tried().then_some(())).await;
        };
        place.serve(SignedDuration::from_hours(hours), owes).await;
        assert_eq!(place.open_payments(), 1);
        let settles = async |_| {
            eventually("nothing is owed", || (place.open_payments() == 0).then_some(())).await;
        };
        place.serve(SignedDuration::ZERO, settles).await;
        assert_eq!((van.live().len(), count(&van.truth(), Event::NetCancelled)), (0, 1));
    }
}
