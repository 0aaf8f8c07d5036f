//! Health and metrics over HTTP, for machines.

mod few;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header::CONNECTION},
    middleware::map_response,
    response::Response,
    routing::get,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use self::few::Few;
use crate::meters;

/// Upper bounds in seconds of the buckets of durations.
const SECONDS: &[f64] =
    &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0];
/// Upper bounds of the buckets of counts.
const COUNTS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0];

/// How often what was recorded is folded into its buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// Whether the switch takes telegrams: recovered, listening, not closing.
pub type Ready = Arc<AtomicBool>;

/// Installs the process's one recorder of metrics.
///
/// # Errors
/// Another recorder is installed.
pub fn install_metrics() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_rows".into()), COUNTS)?
        .install_recorder()?;
    meters::describe();
    Ok(handle)
}

/// Keeps the recorder's memory bounded while nobody reads the metrics.
pub async fn keep_up(metrics: PrometheusHandle) {
    let mut every = tokio::time::interval(UPKEEP);
    loop {
        every.tick().await;
        metrics.run_upkeep();
    }
}

/// Serves `/healthz` (200 when the switch takes telegrams, 503 when not) and `/metrics`, one answer a connection.
///
/// # Errors
/// The socket failed.
pub async fn serve(listener: TcpListener, ready: Ready, metrics: PrometheusHandle) -> std::io::Result<()> {
    let health = move || async move {
        if ready.load(Ordering::Relaxed) {
            (StatusCode::OK, "ok\n")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "not taking telegrams\n")
        }
    };
    let router = Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(move || std::future::ready(metrics.render())))
        .layer(map_response(one_answer));
    axum::serve(Few::new(listener), router).await
}

/// Who asks often connects again: an idle connection would take the place of others.
async fn one_answer(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
