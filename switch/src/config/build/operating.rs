//! The `[store]`, `[keys]`, `[limits]` and `[admin]` sections.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use payment::InstanceNo;
use toml::Spanned;

use super::{Build, MANY};
use crate::config::{Limits, StoreConfig, file};

/// The longest lease: so long an instance that died is not taken over.
const LONGEST_LEASE_S: u64 = 600;
/// The longest a telegram may wait for the loop.
const LONGEST_QUEUE_MS: u64 = 60_000;
/// The bytes of the path of a socket, without the zero at its end (`sockaddr_un`).
const SOCKET_PATH: usize = 107;

impl Build {
    pub(super) fn store(&mut self, store: &file::Store) -> StoreConfig {
        let found = store.instance.as_ref().map_or(0, |instance| *instance.get_ref());
        let instance = InstanceNo::new(found).unwrap_or_else(|_| {
            let span = store.instance.as_ref().map_or(0..0, Spanned::span);
            self.problem(span, format!("store.instance: expected 0 to {}, found {found}", InstanceNo::MAX));
            InstanceNo::new(0).expect("0 is an instance number")
        });
        let lease_s = self.within(&store.lease_s, 1..=LONGEST_LEASE_S, "store.lease_s");
        let problems = self.problems.len();
        let path = self.file(&store.path, "store.path");
        let said = store.path.get_ref().as_str();
        let is_scheme = said.contains("://") || said.starts_with("file:");
        let found = match said {
            ":memory:" => Some("\":memory:\", which no restart survives"),
            // It may hold a password.
            _ if is_scheme => Some("a URL: there is no other store than the embedded one"),
            _ if said.ends_with('/') || path.is_dir() => Some("a folder"),
            _ => None,
        };
        if let Some(found) = found.filter(|_| problems == self.problems.len()) {
            let what = format!("store.path: expected the path of a file, found {found}");
            self.problem(store.path.span(), what);
        }
        StoreConfig { path, instance, lease: Duration::from_secs(lease_s) }
    }

    pub(super) fn keys_file(&mut self, keys: Option<&file::Keys>, store: &StoreConfig) -> PathBuf {
        match keys {
            Some(keys) => self.file(&keys.file, "keys.file"),
            None => store.path.with_file_name("keys.toml"),
        }
    }

    pub(super) fn limits(&mut self, limits: &file::Limits) -> Limits {
        let queue_ms = self.within(&limits.queue_ms, 1..=LONGEST_QUEUE_MS, "limits.queue_ms");
        Limits {
            payments: self.within(&limits.payments, 1..=MANY, "limits.payments"),
            queue: Duration::from_millis(queue_ms),
            descriptors_reserved: self.within(
                &limits.descriptors_reserved,
                1..=MANY as u64,
                "limits.descriptors_reserved",
            ),
        }
    }

    pub(super) fn admin(&mut self, admin: Option<&file::Admin>) -> Option<SocketAddr> {
        self.address(admin?.address.as_ref()?, "admin.address")
    }

    pub(super) fn control_socket(
        &mut self,
        admin: Option<&file::Admin>,
        store_section: &file::Store,
        store: &StoreConfig,
        keys_file: &Path,
    ) -> PathBuf {
        let Some(said) = admin.and_then(|admin| admin.socket.as_ref()) else {
            let mut beside = store.path.clone().into_os_string();
            beside.push(".sock");
            if beside.len() > SOCKET_PATH {
                let what = format!(
                    "store.path: expected room for \".sock\" behind it: admin.socket, by default beside it, has at most \
                     {SOCKET_PATH} bytes"
                );
                self.problem(store_section.path.span(), what);
            }
            return beside.into();
        };
        let socket = self.file(said, "admin.socket");
        if socket.as_os_str().len() > SOCKET_PATH {
            self.unexpected(said, "admin.socket", &format!("a path of at most {SOCKET_PATH} bytes"));
        }
        // One that nobody listens on is replaced.
        if socket == store.path || socket == keys_file {
            self.unexpected(said, "admin.socket", "a path of its own, neither store.path nor keys.file");
        }
        socket
    }
}
