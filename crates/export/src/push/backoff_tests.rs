//! A hundred clients that fail together do not come back together (F8).

use std::sync::Arc;

use serde_json::json;
use tokio::time::Instant;

use super::exporters::Exporters;
use super::options::RetryOptions;
use super::script::*;
use super::simulation::*;

/// The largest share of all retries that comes in one second, in an outage of so many seconds.
fn largest_share(outage: u64, retry: RetryOptions, seed: u64) -> f64 {
    fastrand::seed(seed);
    let meter = meter();
    let receivers: Vec<Arc<Receiver>> =
        (0..100).map(|_| Receiver::new(&[Step::Retry(None)])).collect();
    // Of the clients only what sends: each has one request, which it has from the same moment on.
    let clients = receivers.iter().map(|receiver| {
        let over = json!({
            "traces": null, "metrics": { "intervalMs": 10_000_000 },
            "retry": { "initialMs": retry.initial_ms, "maxMs": retry.max_ms },
        });
        Exporters::prepared(&meter, &[options(over)], &receiver.opener()).0
    });
    let clients: Vec<Arc<Exporters>> = clients.collect();
    let began = simulate_all(&clients, async {
        pass(10_000.0).await;
        let began = Instant::now();
        pass(outage as f64).await;
        receivers.iter().for_each(|receiver| receiver.begin(Step::Deliver));
        pass(60.0).await;
        began
    });
    let mut seconds = vec![0u32; outage as usize + 62];
    for receiver in &receivers {
        let requests = receiver.requests();
        assert_eq!(receiver.taken().len(), 1);
        let back = requests.last().map(|request| request.at - began).unwrap().as_secs_f64();
        assert!(back < outage as f64 + 15.1, "delivered {back} s after the outage of {outage} s");
        for retry in &requests[1..] {
            seconds[(retry.at - began).as_secs() as usize] += 1;
        }
    }
    let all: u32 = seconds.iter().sum();
    f64::from(*seconds.iter().max().unwrap()) / f64::from(all)
}

#[test]
fn no_second_has_more_than_a_twentieth_of_the_retries() {
    for (outage, seed) in [(120, 2), (600, 3)] {
        let share = largest_share(outage, RetryOptions::default(), seed);
        assert!(share <= 0.05, "{share} in an outage of {outage} s");
    }
}
