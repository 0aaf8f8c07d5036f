//! A reload on the running switch: everything that can fail is tried first, and the swap is one step between two turns of the loop.

use std::{io, sync::Arc, time::Duration};

use payment::AcquirerName;
use tokio::time::{sleep, timeout};

use super::{
    FIRST_LINKS, Serving,
    doors::{Bound, NotBound, overlaps},
    limit,
};
use crate::{
    config::Config,
    exchange::{Line, Material},
    reload::{ReloadError, check},
};

/// How often a new line is asked whether it is up.
const LOOK: Duration = Duration::from_millis(10);

/// A configuration whose lines are started and whose sockets listen, but that nobody goes by yet.
pub(super) struct Prepared {
    config: Arc<Config>,
    lines: Vec<Line>,
    bound: Vec<Bound>,
}

/// Gives new lines a moment to connect: telegrams go by them from the swap on.
pub(super) async fn ready(prepared: Option<&Prepared>) {
    let lines = prepared.map_or(&[][..], |prepared| &prepared.lines);
    let connected = async {
        while lines.iter().any(|line| line.state().links_up == 0) {
            sleep(LOOK).await;
        }
    };
    // One that stays down does not hold the others back.
    let _ = timeout(FIRST_LINKS, connected).await;
}

impl Serving {
    /// Tries what can fail. Nothing has changed when it does.
    pub(super) fn prepare(&mut self, config: Config) -> Result<Prepared, ReloadError> {
        check(&self.exchange.config, &config)?;
        let materials = self.new_materials(&config)?;
        let bound = self.bind(&config)?;
        let mut lines = Vec::new();
        for (name, material) in materials {
            let (no, dialect) = (self.exchange.lines.next_no(), config.acquirers[&name].dialect.clone());
            let line = Line::start(no, &name, dialect, material, self.shared.exchange.clone());
            lines.push(line.map_err(|cause| ReloadError::Acquirer { acquirer: name, cause })?);
        }
        Ok(Prepared { config: Arc::new(config), lines, bound })
    }

    /// What lines are made of that these acquirers do not have yet.
    fn new_materials(&self, config: &Config) -> Result<Vec<(AcquirerName, Material)>, ReloadError> {
        let mut materials = Vec::new();
        for (name, acquirer) in &config.acquirers {
            let line = self.exchange.lines.get(name);
            if line.is_some_and(|line| line.dialect().name() != acquirer.dialect.name()) {
                return Err(ReloadError::OtherLanguage { acquirer: name.clone() });
            }
            if line.is_some_and(|line| line.dialect().identity() != acquirer.dialect.identity()) {
                return Err(ReloadError::OtherIdentity { acquirer: name.clone() });
            }
            let material = Material::of(acquirer)
                .map_err(|cause| ReloadError::Acquirer { acquirer: name.clone(), cause })?;
            if !self.exchange.lines.is_of(name, &material) {
                materials.push((name.clone(), material));
            }
        }
        self.exchange.lines.check_room(config.acquirers.keys(), materials.iter().map(|(name, _)| name))?;
        Ok(materials)
    }

    /// Sockets for the listeners that need another than they have.
    fn bind(&self, config: &Config) -> Result<Vec<Bound>, ReloadError> {
        let mut all = Vec::new();
        for (name, address) in self.doors.missing(&config.listeners) {
            let listener = name.clone();
            let bound = self.doors.bind(name, address, &config.listeners).map_err(|why| match why {
                NotBound::Failed(cause) => {
                    let is_in_use = cause.kind() == io::ErrorKind::AddrInUse;
                    match self.admin.filter(|at| is_in_use && overlaps(*at, address)) {
                        Some(at) => {
                            ReloadError::Held { listener, address, by: "admin.address".to_owned(), at }
                        }
                        None => ReloadError::Listen { listener, address, cause },
                    }
                }
                NotBound::Held { by, at } => ReloadError::Held { listener, address, by, at },
                NotBound::Overlaps { by, at, cause } => {
                    ReloadError::Overlaps { listener, address, by, at, cause }
                }
            })?;
            all.push(bound);
        }
        Ok(all)
    }

    /// From now on everything new goes by this configuration. Tells what changed besides, for people.
    pub(super) fn swap(&mut self, prepared: Prepared) -> Vec<String> {
        let Prepared { config, lines, bound } = prepared;
        let mut changes = Vec::new();
        // What is under way was sent by the old rules, and has the time they gave it.
        let longest = self.exchange.longest_answer();
        self.exchange.config = config.clone();
        let longest = longest.max(self.exchange.longest_answer());
        self.shared.config.store(config.clone());
        limit(&mut self.exchange.desk, &config);
        for line in lines {
            changes.push(format!(
                "acquirer {}: a new line; one it had before takes nothing more, and closes when no late answer can come",
                line.name()
            ));
            self.exchange.put_line(line, longest);
        }
        for name in self.exchange.leave_lines() {
            changes.push(format!(
                "acquirer {name}: no new payments; its line stays until the next start, for what may still be undone there"
            ));
        }
        for name in self.doors.close_others(&config.listeners) {
            changes.push(format!("listener {name}: closed"));
        }
        for bound in bound {
            changes.push(format!("listener {}: listens at {}", bound.name(), bound.local()));
            let context = self.context(&config.listeners[bound.name()]);
            self.doors.accept(bound, context);
        }
        self.terminals = self.doors.addresses();
        changes
    }
}
