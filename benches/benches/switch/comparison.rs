//! What the samples say.

use std::{fmt::Write as _, fs, time::Duration};

use crate::{cpu::Cpu, disk::PAGE};

/// A sample of the relay and the one of the switch that followed it.
pub(crate) struct Pair {
    pub(crate) relay: Sample,
    pub(crate) switch: Sample,
    /// Seconds that an append with its sync took between the two.
    pub(crate) sync: f64,
}

/// So many approvals over all the sockets.
pub(crate) struct Sample {
    pub(crate) approvals: u64,
    pub(crate) took: Duration,
    pub(crate) cpu: Cpu,
}

/// How the switch stands beside the relay, as text of a few lines.
pub(crate) fn compare(connections: u32, pairs: &[Pair]) -> String {
    let median = |of: &dyn Fn(&Pair) -> f64| {
        let mut all: Vec<f64> = pairs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let per_second = |sample: &Sample| precise(sample.approvals) / sample.took.as_secs_f64();
    let micros = |sample: &Sample, cpu: Duration| cpu.as_secs_f64() * 1e6 / precise(sample.approvals);
    let relay = median(&|pair| per_second(&pair.relay));
    let switch = median(&|pair| per_second(&pair.switch));
    let ratio = median(&|pair| per_second(&pair.switch) / per_second(&pair.relay));
    let mut text = format!(
        "{connections} connections: switch {switch:.0} approvals/s, {ratio:.2} of the relay ({relay:.0}/s; {} pairs)",
        pairs.len()
    );
    let relay = median(&|pair| micros(&pair.relay, pair.relay.cpu.relay));
    let (on_loop, in_store) = (
        median(&|pair| micros(&pair.switch, pair.switch.cpu.switch)),
        median(&|pair| micros(&pair.switch, pair.switch.cpu.store)),
    );
    let mut put = |line: std::fmt::Arguments<'_>| write!(text, "\n    {line}").expect("a String has room");
    if relay > 0.0 {
        put(format_args!(
            "CPU per approval: switch {:.1} µs ({on_loop:.1} its loop, {in_store:.1} its store), relay {relay:.1} µs",
            on_loop + in_store
        ));
    }
    let slowest = pairs.iter().map(|pair| pair.sync).fold(0.0, f64::max);
    put(format_args!(
        "append and fdatasync of {PAGE} bytes between the samples, in the store's folder: {:.0}/s (at worst {:.0}/s)",
        1.0 / median(&|pair| pair.sync),
        1.0 / slowest
    ));
    if let Ok(load) = fs::read_to_string("/proc/loadavg") {
        let averages: Vec<&str> = load.split(' ').take(3).collect();
        put(format_args!("load average now, 5 and 15 minutes: {}", averages.join(" ")));
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn precise(count: u64) -> f64 {
    count as f64
}
