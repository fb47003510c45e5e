//! Flushing and stopping, on the real thread and in real time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nanometer_core::Meter;
use serde_json::{Value, json};

use super::exporters::Exporters;
use super::flush::FlushOutcome;
use super::health::Standing;
use super::script::*;
use super::simulation::*;
use super::status::ExporterStatus;
use crate::send::Signal::{Metrics, Traces};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn started(meter: &Arc<Meter>, receiver: &Arc<Receiver>, over: Value) -> Arc<Exporters> {
    let (exporters, warnings) = Exporters::start_with(meter, &[options(over)], &receiver.opener());
    assert_eq!(warnings, []);
    exporters
}

#[test]
fn a_flush_delivers_what_was_recorded_until_then() {
    let meter = meter();
    let made = counter(&meter, "made");
    let mut hand = Hand::new(&meter);
    let receiver = Receiver::new(&[Step::Deliver]);
    let exporters = started(&meter, &receiver, json!({}));
    for n in 1..4 {
        hand.promote(11);
        made.add(1);
        let report = exporters.flush(PATIENCE);
        assert_eq!(report.outcome, FlushOutcome::Success, "{report:?}");
        assert_eq!(report.exporters.len(), 2);
        let taken = receiver.taken();
        assert_eq!(taken.iter().filter_map(|it| it.counter("made")).last(), Some(f64::from(n)));
        assert_eq!(account(&exporters, Traces).exported, hand.promoted);
    }
    let text = serde_json::to_value(exporters.flush(PATIENCE)).unwrap();
    let signal =
        |signal| json!({ "name": "otlp", "signal": signal, "outcome": "success", "error": null });
    assert_eq!(
        text,
        json!({ "outcome": "success", "exporters": [signal("metrics"), signal("traces")] })
    );
}

#[test]
fn a_flush_says_when_it_is_too_late_and_does_not_wait_for_what_cannot_be() {
    let meter = meter();
    let mut hand = Hand::new(&meter);
    hand.promote(3);
    let hanging = Receiver::new(&[Step::Hang]);
    let exporters = started(&meter, &hanging, json!({}));
    hand.promote(3);
    let began = Instant::now();
    let report = exporters.flush(Duration::from_millis(200));
    assert_eq!(report.outcome, FlushOutcome::Timeout, "{report:?}");
    assert!(began.elapsed() >= Duration::from_millis(200));
    exporters.stop(Duration::ZERO);
    assert_eq!(account(&exporters, Traces).dropped["shutdown"], 3);

    let busy = Receiver::new(&[Step::Retry(Some(200))]);
    let exporters = started(&meter, &busy, json!({ "metrics": null }));
    hand.promote(3);
    let began = Instant::now();
    let report = exporters.flush(PATIENCE);
    assert_eq!(report.outcome, FlushOutcome::Failure);
    assert_eq!(report.exporters[0].error.as_deref(), Some("it is not there"));
    assert!(began.elapsed() < PATIENCE / 2, "it is tried again after the deadline only");
    // What the receiver asked for is kept to.
    assert_eq!(exporters.flush(Duration::from_millis(50)).outcome, FlushOutcome::Failure);
    assert_eq!(busy.requests().len(), 1);

    let down = Receiver::new(&[Step::Retry(None)]);
    let retry = json!({ "initialMs": 100_000, "maxMs": 100_000 });
    let exporters = started(&meter, &down, json!({ "metrics": null, "retry": retry }));
    hand.promote(3);
    exporters.flush(Duration::from_millis(300));
    let before = down.requests().len();
    down.begin(Step::Deliver);
    assert_eq!(exporters.flush(PATIENCE).outcome, FlushOutcome::Success, "at once, not in 100 s");
    assert!(before >= 1 && down.taken().len() == 1);

    let strict = Receiver::new(&[Step::Refuse]);
    let exporters = started(&meter, &strict, json!({ "metrics": null }));
    hand.promote(3);
    let report = exporters.flush(PATIENCE);
    assert_eq!(report.outcome, FlushOutcome::Failure);
    assert_eq!(report.exporters[0].error.as_deref(), Some("it does not want it"));
}

#[test]
fn who_is_about_to_end_tries_twice_where_nobody_is_and_waits_for_who_is_busy() {
    let meter = meter();
    let mut hand = Hand::new(&meter);
    let retry = json!({ "initialMs": 100_000, "maxMs": 100_000 });
    let tries =
        |receiver: &Arc<Receiver>| [Metrics, Traces].map(|it| receiver.requests_of(it).len());
    let nobody = Receiver::new(&[Step::Absent]);
    let exporters = started(&meter, &nobody, json!({ "retry": retry }));
    hand.promote(3);
    let report = exporters.flush_last(PATIENCE);
    assert_eq!(report.outcome, FlushOutcome::Failure);
    assert!(report.exporters.iter().all(|it| it.error.as_deref() == Some("nobody is there")));
    assert_eq!(tries(&nobody), [2, 2]);
    // Who goes on waits for as long as was asked for, and tries as often as ever.
    exporters.flush(Duration::from_millis(300));
    assert_eq!(tries(&nobody), [3, 3]);
    // Somebody is back.
    nobody.begin(Step::Deliver);
    assert_eq!(exporters.flush_last(PATIENCE).outcome, FlushOutcome::Success);
    assert_eq!(account(&exporters, Traces).exported, 3);

    let often = json!({ "initialMs": 1, "maxMs": 1 });
    let late = Receiver::new(&[&[Step::Retry(None); 20][..], &[Step::Deliver]].concat());
    let exporters = started(&meter, &late, json!({ "retry": often }));
    hand.promote(3);
    assert_eq!(exporters.flush_last(PATIENCE).outcome, FlushOutcome::Success);
    assert_eq!(account(&exporters, Traces).exported, 3);
}

#[test]
fn stopping_delivers_within_its_time_and_once() {
    let meter = meter();
    let made = counter(&meter, "made");
    let mut hand = Hand::new(&meter);
    let receiver = Receiver::new(&[Step::Deliver]);
    let exporters = started(&meter, &receiver, json!({}));
    made.add(7);
    hand.promote(5);
    exporters.stop(PATIENCE);
    assert_eq!(receiver.taken().iter().find_map(|it| it.counter("made")), Some(7.0));
    let stopped = account(&exporters, Traces);
    assert_eq!((stopped.state, stopped.exported, stopped.queued), (Standing::Stopped, 5, 0));
    hand.promote(5);
    exporters.stop(PATIENCE);
    let report = exporters.flush(PATIENCE);
    assert_eq!(account(&exporters, Traces), stopped, "{report:?}");
    assert_eq!(account(&exporters, Metrics).queued, 0);
}

#[test]
fn an_exporter_that_runs_elsewhere_is_shown_with_the_others() {
    let meter = meter();
    let (exporters, _) = Exporters::start(&meter, &[]);
    let said = |exported: u64| {
        json!({
            "name": "mine", "kind": "channel",
            "signals": { "traces": {
                "endpoint": "", "state": "ok", "recorded": 9, "exported": exported,
                "dropped": { "exporter_error": 9 - exported }, "queued": 0, "queuedBytes": 0,
                "lastSuccessMs": 1_700_000_000_000.5, "lastError": null, "nextTryMs": null,
            } },
        })
    };
    for exported in [4, 6] {
        let status: ExporterStatus = serde_json::from_value(said(exported)).unwrap();
        exporters.note(status);
    }
    let status = serde_json::to_value(exporters.status()).unwrap();
    assert_eq!(status, json!({ "exporters": [said(6)] }));
    let snapshot =
        meter.snapshot_of(&["nanometer.exporter.dropped", "nanometer.exporter.recorded"]);
    let text = format!("{snapshot:?}");
    assert!(text.contains("\"exporter_error\"") && text.contains("Integer(9)"), "{text}");
}

#[test]
fn two_of_one_name_are_one() {
    let receiver = Receiver::new(&[Step::Deliver]);
    let both = [options(json!({})), options(json!({}))];
    let (exporters, warnings) = Exporters::start_with(&meter(), &both, &receiver.opener());
    assert_eq!(exporters.status().exporters.len(), 1);
    assert_eq!(warnings[0].message, "there are two exporters 'otlp'; one is left out");
}
