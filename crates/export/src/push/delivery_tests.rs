//! Delivery, with receivers that follow a script, in time that is not real.

use std::sync::Arc;

use nanometer_core::Meter;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::exporters::Exporters;
use super::health::Standing;
use super::script::*;
use super::transport::Opener;
use crate::send::OpenSenderError;
use crate::send::Signal::{self, Metrics, Traces};

fn prepared(meter: &Arc<Meter>, receiver: &Arc<Receiver>, over: Value) -> Arc<Exporters> {
    let (exporters, warnings) = Exporters::prepared(meter, &[options(over)], &receiver.opener());
    assert_eq!(warnings, []);
    exporters
}

fn of(receiver: &Receiver, signal: Signal) -> Vec<Request> {
    receiver.requests().into_iter().filter(|request| request.signal == signal).collect()
}

#[test]
fn metrics_go_at_intervals_and_in_order_and_an_outage_loses_none() {
    let meter = meter();
    let made = counter(&meter, "made");
    let receiver = Receiver::new(&[Step::Deliver]);
    let exporters = prepared(&meter, &receiver, json!({ "traces": null }));
    simulate(&exporters, async {
        pass(5.0).await;
        for _ in 0..3 {
            made.add(1);
            pass(10.0).await;
        }
        assert_eq!(receiver.requests().len(), 3);
        receiver.begin(Step::Retry(None));
        for _ in 0..12 {
            made.add(1);
            pass(10.0).await;
            account(&exporters, Metrics);
        }
        let status = account(&exporters, Metrics);
        assert_eq!(status.state, Standing::Retrying);
        assert_eq!(status.last_error.unwrap().reason, "unavailable");
        assert!(status.queued > 0 && status.next_try_ms.is_some());
        receiver.begin(Step::Deliver);
        pass(15.0).await;
    });
    let values: Vec<f64> =
        receiver.taken().iter().map(|request| request.counter("made").unwrap()).collect();
    assert_eq!(values[..15], (1..=15).map(f64::from).collect::<Vec<_>>());
    let status = account(&exporters, Metrics);
    assert_eq!((status.state, status.queued, status.dropped.len()), (Standing::Ok, 0, 0));
}

#[test]
fn what_a_receiver_asks_for_is_waited_for_and_five_minutes_at_the_most() {
    for (asked, least, most) in [(30, 30.0, 30.51), (299, 299.0, 299.51), (86_400, 299.4, 300.01)] {
        let receiver = Receiver::new(&[Step::Retry(Some(asked)), Step::Deliver]);
        let meter = meter();
        let exporters = prepared(&meter, &receiver, json!({ "traces": null }));
        simulate(&exporters, pass(320.0));
        let requests = receiver.requests();
        let pause = (requests[1].at - requests[0].at).as_secs_f64();
        assert!((least..most).contains(&pause), "{asked}: {pause}");
    }
}

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
fn a_full_queue_keeps_what_came_first() {
    let meter = meter();
    let mut hand = Hand::new(&meter);
    let receiver = Receiver::new(&[Step::Retry(None)]);
    let queue = json!({ "metrics": null, "queue": { "maxSpans": 20 } });
    let exporters = prepared(&meter, &receiver, queue);
    simulate(&exporters, async {
        hand.promote(50);
        pass(60.0).await;
        let status = account(&exporters, Traces);
        assert_eq!((status.queued, status.dropped["queue_full"]), (20, 30));
        receiver.begin(Step::Deliver);
        pass(20.0).await;
    });
    let ids: Vec<u64> = receiver.taken().iter().flat_map(Request::spans).collect();
    assert_eq!(ids, (1..=20).collect::<Vec<u64>>());
    assert_eq!(account(&exporters, Traces).exported, 20);
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
    let bodies = of(&receiver, Metrics);
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

#[test]
fn the_user_hears_of_an_outage_and_of_its_end_and_never_more_than_once_a_minute() {
    let meter = meter();
    let receiver = Receiver::new(&[Step::Retry(None)]);
    let exporters = prepared(&meter, &receiver, json!({ "metrics": { "intervalMs": 1_000 } }));
    let mut lines: Vec<(f64, String)> = Vec::new();
    simulate(&exporters, async {
        let began = Instant::now();
        for second in 0..900 {
            match second {
                120 | 125 | 600 => receiver.begin(Step::Deliver),
                122 | 500 => receiver.begin(Step::Retry(None)),
                _ => {}
            }
            pass(1.0).await;
            let at = began.elapsed().as_secs_f64();
            lines.extend(meter.take_warnings().into_iter().map(|line| (at, line.message)));
        }
    });
    let told = |text: &str| lines.iter().filter(|(_, line)| line.contains(text)).count();
    assert_eq!(
        (
            told("are not delivered, and wait while there is room: it is not there"),
            told("delivers again")
        ),
        (2, 2),
        "{lines:?}"
    );
    assert!(lines.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 59.0), "{lines:?}");
    assert_eq!(lines.len(), 4);
    assert!(lines[0].0 <= 3.0, "at once");
}

#[test]
fn an_outage_of_two_minutes_loses_what_does_not_fit_and_is_made_up_for_in_half_a_minute() {
    const MOST: u64 = 20_480;
    let meter = meter();
    let mut hand = Hand::new(&meter);
    let receiver = Receiver::new(&[Step::Deliver]);
    let over = json!({
        "metrics": { "intervalMs": 1_000 }, "traces": { "maxBatch": 512 },
        "queue": { "maxBytes": 8 << 20, "maxSpans": MOST }, "retry": null,
    });
    let exporters = prepared(&meter, &receiver, over);
    let mut lines = Vec::new();
    let mut recovered = None;
    simulate(&exporters, async {
        for tenth in 0..1_700u32 {
            match tenth {
                100 => receiver.begin(Step::Retry(None)),
                1_300 => receiver.begin(Step::Deliver),
                _ => {}
            }
            hand.promote(100);
            pass(0.1).await;
            let status = account(&exporters, Traces);
            assert!(status.queued <= MOST && status.queued_bytes <= 8 << 20);
            if tenth > 1_300 && status.queued < 1_024 && recovered.is_none() {
                recovered = Some(f64::from(tenth - 1_300) / 10.0);
            }
            lines.extend(meter.take_warnings());
        }
        pass(2.0).await;
    });
    assert!(recovered.is_some_and(|seconds| seconds < 30.0), "{recovered:?}");
    let status = account(&exporters, Traces);
    assert_eq!((status.recorded, status.queued, status.dropped.len()), (hand.promoted, 0, 1));
    assert_eq!(status.exported, hand.promoted - status.dropped["queue_full"]);
    let ids: Vec<u64> = of(&receiver, Traces)
        .iter()
        .filter(|request| request.step == Step::Deliver)
        .flat_map(Request::spans)
        .collect();
    assert_eq!(ids.len() as u64, status.exported);
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "each once, in order");
    let metrics = account(&exporters, Metrics);
    assert_eq!((metrics.recorded, metrics.queued), (metrics.exported, 0), "they all fit");
    assert_eq!(lines.len(), 2, "{lines:?}");
}
