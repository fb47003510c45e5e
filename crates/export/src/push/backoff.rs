//! How long to wait before what failed is tried again.
//!
//! A random time below a bound that doubles with each failure: clients that fail together do not
//! come back together. A receiver that asks for a pause gets it, and the random time after it.

use std::time::Duration;

use fastrand::Rng;

use super::options::RetryOptions;

/// The longest pause, whatever a receiver asks for.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// The pauses after failures that follow each other.
#[derive(Debug)]
pub(crate) struct Backoff {
    initial: Duration,
    max: Duration,
    failures: u32,
    random: Rng,
}

impl Backoff {
    pub(crate) fn new(options: RetryOptions, random: Rng) -> Backoff {
        let max = Duration::from_millis(options.max_ms).min(LONGEST_PAUSE);
        let initial = Duration::from_millis(options.initial_ms).min(max);
        Backoff { initial, max, failures: 0, random }
    }

    /// The pause after one more failure, for which the receiver may have asked for a time.
    pub(crate) fn pause(&mut self, asked: Option<Duration>) -> Duration {
        let doubled = 1u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let bound = self.initial.saturating_mul(doubled).min(self.max);
        self.failures = self.failures.saturating_add(1);
        let jitter = bound.mul_f64(self.random.f64());
        match asked {
            Some(asked) if asked > LONGEST_PAUSE => LONGEST_PAUSE.saturating_sub(jitter),
            asked => asked.unwrap_or_default().saturating_add(jitter).min(LONGEST_PAUSE),
        }
    }

    /// Something went well: the next failure is a first one.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff(seed: u64) -> Backoff {
        let options = RetryOptions { initial_ms: 500, max_ms: 15_000 };
        Backoff::new(options, Rng::with_seed(seed))
    }

    #[test]
    fn the_bound_doubles_up_to_the_largest_and_all_below_it_is_equally_likely() {
        for (failures, bound_ms) in [500.0, 1e3, 2e3, 4e3, 8e3, 15e3, 15e3].into_iter().enumerate()
        {
            let pauses = (0..2_000).map(|seed| {
                let mut backoff = backoff(seed);
                for _ in 0..failures {
                    backoff.pause(None);
                }
                backoff.pause(None).as_secs_f64() * 1e3
            });
            let pauses: Vec<f64> = pauses.collect();
            assert!(pauses.iter().all(|ms| (0.0..bound_ms).contains(ms)));
            for tenth in 0..10 {
                let from = bound_ms * f64::from(tenth) / 10.0;
                let inside = |ms: &&f64| (from..from + bound_ms / 10.0).contains(*ms);
                let count = pauses.iter().filter(inside).count();
                assert!((120..=280).contains(&count), "{count} of 2,000 from {from} ms on");
            }
        }
    }

    #[test]
    fn a_success_begins_anew() {
        let mut backoff = backoff(1);
        for _ in 0..40 {
            backoff.pause(None);
        }
        backoff.reset();
        assert!(backoff.pause(None) <= Duration::from_millis(500));
    }

    #[test]
    fn what_is_asked_for_is_the_least_and_five_minutes_the_most() {
        for seed in 0..200 {
            let mut backoff = backoff(seed);
            for seconds in [0, 1, 30, 299, 300, 301, 86_400, u64::MAX] {
                let asked = Duration::from_secs(seconds);
                let pause = backoff.pause(Some(asked));
                assert!(pause <= LONGEST_PAUSE, "{seconds}");
                let least = asked.min(LONGEST_PAUSE);
                let is_capped = asked > LONGEST_PAUSE;
                assert!(pause >= least || is_capped && pause >= least - Duration::from_secs(15));
            }
        }
    }

    #[test]
    fn no_options_make_it_fail() {
        for (initial_ms, max_ms) in [(0, 0), (u64::MAX, u64::MAX), (10, 5), (0, 10)] {
            let options = RetryOptions { initial_ms, max_ms };
            let mut backoff = Backoff::new(options, Rng::with_seed(3));
            for _ in 0..70 {
                assert!(backoff.pause(None) <= LONGEST_PAUSE);
            }
        }
    }
}
