//! The native thread `nanometer`: one a process, for all meters.
//!
//! It serves their inspection servers, corrects the clock about once a second, ends leases on
//! levels, and takes promoted spans in before their rings are full. What is bound is in its list,
//! not with the thread: it outlives a panic.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nanometer_core::clock;

use crate::fault::{Fault, strike};
use crate::server::{Site, accept_forever};
use crate::thread::{Duty, NativeThread};

/// How often the clock is corrected.
const ANCHOR_INTERVAL: Duration = Duration::from_secs(1);

/// How often promoted spans are taken in while some come: a ring of 2,044 slots then has room for
/// 40,000 spans a second.
const DRAIN_INTERVAL: Duration = Duration::from_millis(50);

/// And while many come: then it has room for 400,000, and each time costs some 50 µs.
const BUSY_DRAIN_INTERVAL: Duration = Duration::from_millis(5);

/// How many spans at once are many: with a text of its own each, a quarter of a ring.
const MANY_SPANS: u64 = 256;

/// And how many are so few that it can be looked for them less often.
const FEW_SPANS: u64 = MANY_SPANS / 4;

/// How often it is looked for them at the least, once a thread records spans. The longer, the less
/// an idle process wakes up (each time costs some 50 µs), and the less of a sudden burst fits.
const LONGEST_DRAIN_INTERVAL: Duration = Duration::from_millis(200);

static THREAD: NativeThread<Keeper> = NativeThread::new();

/// Has a site looked after, and starts the thread if there is none.
///
/// # Errors
///
/// The thread could not be started; the site is not looked after.
pub(crate) fn add(site: Arc<Site>) -> io::Result<()> {
    THREAD.add(&[site])
}

/// Has a site no longer looked after. The thread lets go of it soon.
pub(crate) fn remove(site: &Arc<Site>) {
    THREAD.remove(std::slice::from_ref(site));
}

/// Has the thread look at the leases, and at who records spans.
pub(crate) fn stir() {
    THREAD.stir();
}

/// What is done for all sites, besides serving each.
#[derive(Default)]
struct Keeper {
    /// When the clock was last corrected.
    anchored: Option<Instant>,
    drains: Drains,
}

impl Duty for Keeper {
    type Item = Site;

    const NAME: &'static str = "nanometer";

    fn work(site: Arc<Site>) -> impl Future<Output = ()> + 'static {
        accept_forever(site)
    }

    fn turn(&mut self, sites: &[Arc<Site>]) -> Option<Instant> {
        strike(Fault::Keeper);
        let mut next = self.anchor(sites);
        for site in sites {
            site.meter.revert_expired_level();
            next = site.meter.level_lease_deadline().map_or(next, |deadline| next.min(deadline));
        }
        Some(self.drains.drain(sites).map_or(next, |due| next.min(due)))
    }

    fn panicked(sites: &[Arc<Site>]) {
        first_of_each_meter(sites).for_each(|site| site.stats.panicked());
    }

    fn rests(sites: &[Arc<Site>], error: &io::Error) {
        for site in first_of_each_meter(sites) {
            let message = format!("the inspection server rests: {error}; it tries again by itself");
            site.meter.warn("NANOMETER_SERVER", &message);
        }
    }
}

impl Keeper {
    /// Corrects the clock, if it is time; answers when it will be.
    fn anchor(&mut self, sites: &[Arc<Site>]) -> Instant {
        let due = self.anchored.map(|at| at + ANCHOR_INTERVAL);
        if let Some(due) = due.filter(|due| *due > Instant::now()) {
            return due;
        }
        clock::reanchor();
        sites.iter().for_each(|site| site.meter.keep_wall_time());
        let now = Instant::now();
        self.anchored = Some(now);
        now + ANCHOR_INTERVAL
    }
}

/// What befalls the thread is told to each meter once.
fn first_of_each_meter(sites: &[Arc<Site>]) -> impl Iterator<Item = &Arc<Site>> {
    let is_first = |index: usize, site: &Arc<Site>| {
        !sites[..index].iter().any(|earlier| Arc::ptr_eq(&earlier.meter, &site.meter))
    };
    sites
        .iter()
        .enumerate()
        .filter(move |(index, site)| is_first(*index, site))
        .map(|(_, site)| site)
}

/// When promoted spans are taken in: often while there are some, less and less often when not.
#[derive(Default)]
struct Drains {
    /// How many spans there have been, of all meters.
    drained: u64,
    due: Option<Instant>,
    interval: Duration,
}

impl Drains {
    /// Takes spans in, if it is time; answers when it will be, where a thread records any.
    fn drain(&mut self, sites: &[Arc<Site>]) -> Option<Instant> {
        let recording = || sites.iter().filter(|site| site.meter.has_spans());
        let now = Instant::now();
        if self.due.is_none_or(|due| due <= now) {
            let drained: u64 = recording().map(|site| site.meter.drain_spans()).sum();
            // A meter that was closed takes its count with it.
            let came = drained.saturating_sub(self.drained);
            self.drained = drained;
            self.interval = match came {
                0 => (self.interval * 2).clamp(DRAIN_INTERVAL, LONGEST_DRAIN_INTERVAL),
                1..FEW_SPANS => (self.interval * 2).clamp(BUSY_DRAIN_INTERVAL, DRAIN_INTERVAL),
                FEW_SPANS..MANY_SPANS => self.interval.clamp(BUSY_DRAIN_INTERVAL, DRAIN_INTERVAL),
                _ => BUSY_DRAIN_INTERVAL,
            };
            self.due = recording().next().map(|_| now + self.interval);
        }
        self.due
    }
}
