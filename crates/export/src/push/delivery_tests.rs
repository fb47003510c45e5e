//! Delivery, with receivers that follow a script, in time that is not real.

use std::sync::Arc;

use serde_json::json;
use tokio::time::Instant;

use super::exporters::Exporters;
use super::health::Standing;
use super::script::*;
use super::simulation::*;
use super::transport::Opener;
use crate::otlp::MAX_REQUEST_BYTES;
use crate::send::OpenSenderError;
use crate::send::Signal::{Metrics, Traces};

#[test]
fn spans_go_when_a_batch_is_full_or_the_first_has_waited() {
    let meter = meter();
    let mut hand = Hand::new(&meter);
    let receiver = Receiver::new(&[Step::Deliver]);
    let exporters = prepared(&meter, &receiver, json!({ "metrics": null }));
    let began = simulate(&exporters, async {
        let began = Instant::now();
        pass(5.0).await;
        assert_eq!(receiver.requests().len(), 0, "nothing to send");
        hand.promote(3);
        pass(0.5).await;
        hand.promote(2);
        pass(0.4).await;
        assert_eq!(receiver.requests().len(), 0);
        pass(2.1).await;
        hand.promote(20);
        pass(5.0).await;
        began
    });
    let seen: Vec<(f64, usize)> = receiver
        .requests()
        .iter()
        .map(|request| ((request.at - began).as_secs_f64(), request.spans().len()))
        .collect();
    let [first, second, third, last] = seen[..] else { panic!("{seen:?}") };
    assert_eq!((first.1, second.1, third.1, last.1), (5, 8, 8, 4));
    assert!((6.0..6.01).contains(&first.0), "{first:?}");
    assert!((8.0..8.02).contains(&third.0), "{third:?}");
    assert!((9.0..9.03).contains(&last.0), "{last:?}");
}

#[test]
fn what_no_request_can_hold_is_counted_and_told() {
    let meter = meter_of(json!({ "large": "x".repeat(MAX_REQUEST_BYTES) }));
    let mut hand = Hand::new(&meter);
    let receiver = Receiver::new(&[Step::Deliver]);
    let exporters = prepared(&meter, &receiver, json!({}));
    simulate(&exporters, async {
        hand.promote(3);
        pass(30.0).await;
    });
    assert_eq!(receiver.requests().len(), 0);
    for signal in [Metrics, Traces] {
        let status = account(&exporters, signal);
        assert_eq!(status.recorded, status.dropped["too_large"], "{status:?}");
        assert_eq!(status.last_error.unwrap().reason, "too_large");
    }
    let warnings = meter.take_warnings();
    assert!(warnings.iter().any(|it| it.message.contains("larger than a request")), "{warnings:?}");
}

#[test]
fn partial_success_is_counted_and_never_tried_again() {
    let meter = meter();
    let mut hand = Hand::new(&meter);
    let receiver = Receiver::new(&[Step::Reject(3), Step::Deliver]);
    let exporters = prepared(&meter, &receiver, json!({ "metrics": null }));
    simulate(&exporters, async {
        hand.promote(8);
        pass(30.0).await;
    });
    let status = account(&exporters, Traces);
    assert_eq!((receiver.requests().len(), status.exported, status.dropped["partial"]), (1, 5, 3));
    assert_eq!(status.last_error.unwrap().message, "some were bad");
    let warnings: Vec<String> = meter.take_warnings().into_iter().map(|it| it.message).collect();
    assert_eq!(warnings, ["exporter 'otlp': some were bad"]);
}

#[test]
fn an_option_that_cannot_work_is_told_at_once_and_what_it_costs_is_counted() {
    let meter = meter();
    let mut hand = Hand::new(&meter);
    let opener: Opener = Arc::new(|_, _| {
        Err(OpenSenderError { option: "certificate", what: "there is none in it".to_owned() })
    });
    let over = options(json!({ "metrics": null }));
    let (exporters, _) = Exporters::prepared(&meter, &[over], &opener);
    simulate(&exporters, async {
        pass(0.1).await;
        let message = &meter.take_warnings()[0].message;
        assert!(
            message.contains("nothing can be sent: option certificate: there is none"),
            "{message}"
        );
        hand.promote(5);
        pass(5.0).await;
    });
    let status = account(&exporters, Traces);
    assert_eq!((status.state, status.dropped["option"]), (Standing::Failing, 5));
    assert_eq!(meter.take_warnings(), []);
}

#[test]
fn delta_windows_lose_nothing_and_have_nothing_twice() {
    use Step::{Deliver, Panic, Refuse, Retry};
    let script = [
        Deliver,
        Retry(None),
        Retry(None),
        Deliver,
        Refuse,
        Panic,
        Retry(None),
        Deliver,
        Panic,
        Panic,
        Panic,
        Deliver,
        Refuse,
        Refuse,
        Retry(Some(30)),
        Deliver,
    ];
    let meter = meter();
    let made = counter(&meter, "made");
    let receiver = Receiver::new(&script);
    let over = json!({ "traces": null, "metrics": { "temporality": "delta" } });
    let exporters = prepared(&meter, &receiver, over);
    let mut all = 0;
    simulate(&exporters, async {
        for n in 1..40 {
            made.add(n);
            all += n;
            pass(7.0).await;
            let status = account(&exporters, Metrics);
            assert!(status.queued < 200, "one window at a time: {}", status.queued);
        }
        pass(60.0).await;
    });
    let sum: f64 = receiver.taken().iter().filter_map(|request| request.counter("made")).sum();
    assert_eq!(sum, all as f64);
    let bodies = receiver.requests_of(Metrics);
    for pair in bodies.windows(2) {
        if let [Request { step: Retry(_), body: failed, .. }, Request { body: next, .. }] = pair {
            assert_eq!(failed, next, "what is tried again is the same request");
        }
    }
}

#[test]
fn a_panic_is_counted_and_loses_nothing_and_what_panics_thrice_is_dropped_alone() {
    let meter = meter();
    let mut hand = Hand::new(&meter);
    let receiver = Receiver::new(&[Step::Panic, Step::Panic, Step::Deliver]);
    let exporters = prepared(&meter, &receiver, json!({ "metrics": null }));
    simulate(&exporters, async {
        hand.promote(5);
        pass(60.0).await;
        assert_eq!(account(&exporters, Traces).exported, 5);
        receiver.begin(Step::Panic);
        hand.promote(8);
        // A batch, then its first span twice alone.
        while account(&exporters, Traces).dropped.is_empty() {
            pass(0.1).await;
        }
        receiver.begin(Step::Deliver);
        pass(10.0).await;
    });
    let status = account(&exporters, Traces);
    assert_eq!((status.exported, status.dropped["panic"]), (12, 1));
    let mut ids: Vec<u64> = receiver.taken().iter().flat_map(Request::spans).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13]);
    let text = format!("{:?}", meter.snapshot_of(&["nanometer.panics"]).metrics[0].series);
    assert!(text.contains("Integer(5)"), "{text}");
}
