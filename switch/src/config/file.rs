//! The file as it is written. Unknown keys are errors, those of features this version lacks among them.

use std::collections::BTreeMap;

use payment::Failover;
use serde::Deserialize;
use toml::Spanned;

use super::Fallback;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) listen: BTreeMap<String, Listen>,
    #[serde(default)]
    pub(super) limits: Limits,
    pub(super) store: Store,
    pub(super) keys: Option<Keys>,
    pub(super) acquirers: BTreeMap<Spanned<String>, Acquirer>,
    #[serde(default)]
    pub(super) routing: Routing,
    #[serde(default)]
    pub(super) net_cancel: NetCancel,
    pub(super) duplicates: Option<Duplicates>,
    #[serde(default)]
    pub(super) merchants: Vec<BTreeMap<String, Spanned<toml::Value>>>,
    #[serde(default)]
    pub(super) terminals: Vec<Terminal>,
    pub(super) admin: Option<Admin>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listen {
    pub(super) address: Spanned<String>,
    pub(super) framing: Option<Spanned<String>>,
    pub(super) confirm: Option<Spanned<String>>,
    pub(super) handshake: Option<Spanned<bool>>,
    pub(super) ack_timeout_ms: Option<Spanned<u64>>,
    #[serde(default = "default_max_connections")]
    pub(super) max_connections: Spanned<usize>,
    #[serde(default = "default_idle_timeout_s")]
    pub(super) idle_timeout_s: Spanned<u64>,
    #[serde(default = "default_clock_tolerance_s")]
    pub(super) clock_tolerance_s: Spanned<u64>,
    #[serde(default = "default_frame_timeout_ms")]
    pub(super) frame_timeout_ms: Spanned<u64>,
    #[serde(default = "default_write_timeout_ms")]
    pub(super) write_timeout_ms: Spanned<u64>,
    #[serde(default = "default_telegrams_per_s")]
    pub(super) telegrams_per_s: Spanned<u32>,
}

fn default_max_connections() -> Spanned<usize> {
    Spanned::new(0..0, 20_000)
}

fn default_idle_timeout_s() -> Spanned<u64> {
    Spanned::new(0..0, 300)
}

fn default_clock_tolerance_s() -> Spanned<u64> {
    Spanned::new(0..0, 1_800)
}

fn default_frame_timeout_ms() -> Spanned<u64> {
    Spanned::new(0..0, 10_000)
}

fn default_write_timeout_ms() -> Spanned<u64> {
    Spanned::new(0..0, 10_000)
}

fn default_telegrams_per_s() -> Spanned<u32> {
    Spanned::new(0..0, 50)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Limits {
    pub(super) payments: Spanned<usize>,
    pub(super) queue_ms: Spanned<u64>,
    pub(super) descriptors_reserved: Spanned<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            payments: Spanned::new(0..0, 20_000),
            queue_ms: Spanned::new(0..0, 200),
            descriptors_reserved: Spanned::new(0..0, 256),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Store {
    pub(super) path: Spanned<String>,
    #[serde(default)]
    pub(super) instance: Option<Spanned<u8>>,
    #[serde(default = "default_lease_s")]
    pub(super) lease_s: Spanned<u64>,
}

fn default_lease_s() -> Spanned<u64> {
    Spanned::new(0..0, 10)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    pub(super) file: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Acquirer {
    pub(super) dialect: Spanned<String>,
    pub(super) addresses: Spanned<Vec<Spanned<String>>>,
    #[serde(default = "default_links")]
    pub(super) links: Spanned<usize>,
    #[serde(default = "default_max_in_flight")]
    pub(super) max_in_flight: Spanned<usize>,
    #[serde(default = "default_connect_timeout_ms")]
    pub(super) connect_timeout_ms: Spanned<u64>,
    #[serde(default = "default_answer_timeout_ms")]
    pub(super) answer_timeout_ms: Spanned<u64>,
    #[serde(default = "default_settle_after_ms")]
    pub(super) settle_after_ms: Spanned<u64>,
    #[serde(default = "default_heartbeat_s")]
    pub(super) heartbeat_s: Spanned<u64>,
    #[serde(default = "default_sign_on")]
    pub(super) sign_on: Spanned<bool>,
    #[serde(default)]
    pub(super) breaker: Breaker,
    pub(super) tls: Option<Tls>,
    pub(super) net_cancels_in_flight: Option<Spanned<usize>>,
    #[serde(default = "default_params")]
    pub(super) params: Spanned<BTreeMap<String, Spanned<String>>>,
}

fn default_links() -> Spanned<usize> {
    Spanned::new(0..0, 4)
}

fn default_max_in_flight() -> Spanned<usize> {
    Spanned::new(0..0, 1_000)
}

fn default_connect_timeout_ms() -> Spanned<u64> {
    Spanned::new(0..0, 2_000)
}

fn default_answer_timeout_ms() -> Spanned<u64> {
    Spanned::new(0..0, 10_000)
}

fn default_settle_after_ms() -> Spanned<u64> {
    Spanned::new(0..0, 60_000)
}

fn default_heartbeat_s() -> Spanned<u64> {
    Spanned::new(0..0, 0)
}

fn default_sign_on() -> Spanned<bool> {
    Spanned::new(0..0, false)
}

fn default_params() -> Spanned<BTreeMap<String, Spanned<String>>> {
    Spanned::new(0..0, BTreeMap::new())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Breaker {
    pub(super) failures: Spanned<u32>,
    pub(super) slow_ms: Spanned<u64>,
    pub(super) pause_ms: Spanned<u64>,
    pub(super) max_pause_ms: Spanned<u64>,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            failures: Spanned::new(0..0, 5),
            slow_ms: Spanned::new(0..0, 0),
            pause_ms: Spanned::new(0..0, 1_000),
            max_pause_ms: Spanned::new(0..0, 30_000),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tls {
    pub(super) ca: Spanned<String>,
    pub(super) server_name: Spanned<String>,
    pub(super) certificate: Option<Spanned<String>>,
    pub(super) key: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Routing {
    pub(super) van_weights: BTreeMap<Spanned<String>, Spanned<u32>>,
    pub(super) direct: Vec<Direct>,
    pub(super) failover_when_unanswered: Failover,
    pub(super) terminal_deadline_ms: Spanned<u64>,
}

impl Default for Routing {
    fn default() -> Self {
        Self {
            van_weights: BTreeMap::new(),
            direct: Vec::new(),
            failover_when_unanswered: Failover::AfterNetCancel,
            terminal_deadline_ms: Spanned::new(0..0, 28_000),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Direct {
    pub(super) bins: Spanned<Vec<Spanned<String>>>,
    pub(super) acquirer: Spanned<String>,
    #[serde(default = "default_fallback")]
    pub(super) fallback: Fallback,
}

fn default_fallback() -> Fallback {
    Fallback::Vans
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NetCancel {
    pub(super) first_delay_ms: Spanned<u64>,
    pub(super) max_delay_ms: Spanned<u64>,
    pub(super) alarm_after_s: Spanned<u64>,
    pub(super) give_up_after_s: Spanned<u64>,
    pub(super) undelivered_grace_ms: Spanned<u64>,
}

impl Default for NetCancel {
    fn default() -> Self {
        Self {
            first_delay_ms: Spanned::new(0..0, 0),
            max_delay_ms: Spanned::new(0..0, 60_000),
            alarm_after_s: Spanned::new(0..0, 300),
            give_up_after_s: Spanned::new(0..0, 86_400),
            undelivered_grace_ms: Spanned::new(0..0, 30_000),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Duplicates {
    #[serde(default = "default_window_ms")]
    pub(super) window_ms: Spanned<u64>,
    pub(super) fingerprint: Option<Spanned<Vec<Spanned<String>>>>,
}

fn default_window_ms() -> Spanned<u64> {
    Spanned::new(0..0, 2_000)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terminal {
    pub(super) id: Spanned<String>,
    pub(super) merchant_no: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Admin {
    pub(super) address: Option<Spanned<String>>,
    pub(super) socket: Option<Spanned<String>>,
}
