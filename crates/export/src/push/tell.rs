//! What the user hears of an exporter: that it fails, and that it works again; never more than a
//! line a minute, however often that changes.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::exporter::Exporter;
use super::pipe::Pipe;

/// The code of these warnings.
pub(crate) const CODE: &str = "NANOMETER_EXPORT";

/// The least time between two lines about one exporter.
const QUIET: Duration = Duration::from_secs(60);

/// What has been said about an exporter.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// When something was last said.
    at: Option<Instant>,
    /// Whether that was that it fails, and how much it had lost by then.
    failing: Option<u64>,
}

/// Tells for as long as the exporter runs.
pub(crate) async fn tell_forever(exporter: &Exporter) {
    loop {
        let quiet_until = exporter.told().at.map(|at| at + QUIET);
        match quiet_until.filter(|until| *until > Instant::now()) {
            Some(until) => sleep_until(until).await,
            None => {
                if !tell(exporter) {
                    exporter.news.notified().await;
                }
            }
        }
    }
}

/// Says what has changed; false where nothing has.
fn tell(exporter: &Exporter) -> bool {
    let line = {
        let mut told = exporter.told();
        let line = line(exporter, &mut told);
        if line.is_some() {
            told.at = Some(Instant::now());
        }
        line
    };
    if let Some(line) = &line {
        exporter.meter.warn_again(CODE, &format!("exporter '{}': {line}", exporter.name));
    }
    line.is_some()
}

fn line(exporter: &Exporter, told: &mut Told) -> Option<String> {
    let lost = || exporter.pipes.iter().map(|pipe| pipe.lock().ledger.counts().lost()).sum();
    let failing = exporter.pipes.iter().find_map(|pipe| trouble(pipe));
    match (failing, told.failing) {
        (Some(trouble), None) => {
            told.failing = Some(lost());
            Some(trouble)
        }
        (None, Some(before)) => {
            told.failing = None;
            Some(match lost() - before {
                0 => "delivers again; nothing was lost".to_owned(),
                lost => format!("delivers again; {lost} data points or spans were dropped"),
            })
        }
        (None, None) => exporter.pipes.iter().find_map(|pipe| pipe.lock().health.remark.take()),
        (Some(_), Some(_)) => None,
    }
}

fn trouble(pipe: &Pipe) -> Option<String> {
    let state = pipe.lock();
    let error = state.health.last_error.as_ref().filter(|_| state.health.is_bad())?;
    let signal = pipe.signal().label();
    let then = match state.health.next_try {
        Some(_) => "wait while there is room",
        None => "are dropped",
    };
    Some(format!("{signal} are not delivered, and {then}: {}", error.message))
}
