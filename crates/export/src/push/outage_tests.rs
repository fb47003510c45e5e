//! Outages, short and long: what is tried again when, what is kept, and what the user hears.

use serde_json::json;
use tokio::time::Instant;

use super::health::Standing;
use super::script::*;
use super::simulation::*;
use crate::send::Signal::{Metrics, Traces};

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
    let ids: Vec<u64> = receiver
        .requests_of(Traces)
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
