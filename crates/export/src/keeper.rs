//! The native thread: one a process, named `nanometer`, for all meters.
//!
//! It serves their inspection servers, corrects the clock about once a second, ends leases on
//! levels, and takes promoted spans in before their rings are full. It starts with the first meter,
//! ends after the last, and never keeps the process alive.
//!
//! What is to be done stands in one list, which any thread changes; the thread compares it with
//! what it does. So a panic, which ends everything that it did, is caught, counted, and followed by
//! doing it all again: the bound sockets are in the list, not with the thread.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nanometer_core::clock;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet, LocalSet};

use crate::fault::{Fault, strike};
use crate::server::{Site, accept_forever, resume_panic};

/// The thread's name, as `top -H` and a debugger show it.
const THREAD_NAME: &str = "nanometer";

/// How often the clock is corrected.
const ANCHOR_INTERVAL: Duration = Duration::from_secs(1);

/// How often promoted spans are taken in while some come: a ring of 2,044 slots then has room for
/// 40,000 spans a second.
const DRAIN_INTERVAL: Duration = Duration::from_millis(50);

/// How often it is looked for them at the least, once a thread records spans. The longer, the less
/// an idle process wakes up (each time costs some 50 µs), and the less of a sudden burst fits.
const LONGEST_DRAIN_INTERVAL: Duration = Duration::from_millis(200);

/// How long the thread rests after a panic, so that one that comes back at once takes no processor.
const REST: Duration = Duration::from_millis(100);

static KEEPER: Keeper = Keeper {
    state: Mutex::new(State { sites: Vec::new(), running: false }),
    stir: Notify::const_new(),
};

struct Keeper {
    state: Mutex<State>,
    /// The list has changed, or a lease, or a thread has begun to record spans.
    stir: Notify,
}

struct State {
    sites: Vec<Arc<Site>>,
    /// Whether there is a thread. It ends under the lock, when the list is empty.
    running: bool,
}

/// Has a site looked after, and starts the thread if there is none.
///
/// # Errors
///
/// The thread could not be started; the site is not looked after.
pub(crate) fn add(site: Arc<Site>) -> io::Result<()> {
    let mut state = lock();
    if !state.running {
        std::thread::Builder::new().name(THREAD_NAME.to_owned()).spawn(run)?;
        state.running = true;
    }
    state.sites.push(site);
    drop(state);
    stir();
    Ok(())
}

/// Has a site no longer looked after. The thread lets go of it soon.
pub(crate) fn remove(site: &Arc<Site>) {
    lock().sites.retain(|kept| !Arc::ptr_eq(kept, site));
    stir();
}

/// Has the thread look at its list, at the leases, and at who records spans.
pub(crate) fn stir() {
    KEEPER.stir.notify_one();
}

fn lock() -> MutexGuard<'static, State> {
    KEEPER.state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run() {
    loop {
        match catch_unwind(AssertUnwindSafe(keep_on_a_runtime)) {
            Ok(Ok(())) => {
                let mut state = lock();
                if state.sites.is_empty() {
                    state.running = false;
                    return;
                }
                continue;
            }
            // Out of file descriptors, most likely: until there are some, nothing is served.
            Ok(Err(error)) => {
                for site in first_of_each_meter(&lock().sites) {
                    let message =
                        format!("the inspection server rests: {error}; it tries again by itself");
                    site.meter.warn("NANOMETER_SERVER", &message);
                }
            }
            Err(_panic) => {
                for site in first_of_each_meter(&lock().sites) {
                    site.stats.panicked();
                }
            }
        }
        std::thread::sleep(REST);
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

fn keep_on_a_runtime() -> io::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    LocalSet::new().block_on(&runtime, keep());
    Ok(())
}

/// A site that is being served.
struct Served {
    site: Arc<Site>,
    task: AbortHandle,
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
            let is_idle = drained == self.drained;
            self.drained = drained;
            self.interval = match is_idle {
                true => (self.interval * 2).clamp(DRAIN_INTERVAL, LONGEST_DRAIN_INTERVAL),
                false => DRAIN_INTERVAL,
            };
            self.due = recording().next().map(|_| now + self.interval);
        }
        self.due
    }
}

/// Looks after the sites of the list until it is empty.
async fn keep() {
    let mut served: Vec<Served> = Vec::new();
    let mut tasks = JoinSet::new();
    let mut anchored: Option<Instant> = None;
    let mut drains = Drains::default();
    loop {
        strike(Fault::Keeper);
        let wanted = lock().sites.clone();
        let is_wanted = |served: &Served| wanted.iter().any(|site| Arc::ptr_eq(site, &served.site));
        served.retain(|served| {
            let stays = is_wanted(served);
            if !stays {
                served.task.abort();
            }
            stays
        });
        for site in &wanted {
            if !served.iter().any(|served| Arc::ptr_eq(&served.site, site)) {
                let task = tasks.spawn_local(accept_forever(Arc::clone(site)));
                served.push(Served { site: Arc::clone(site), task });
            }
        }
        if wanted.is_empty() {
            return;
        }
        let mut next = anchored.map_or_else(Instant::now, |at| at + ANCHOR_INTERVAL);
        if next <= Instant::now() {
            clock::reanchor();
            wanted.iter().for_each(|site| site.meter.keep_wall_time());
            let now = Instant::now();
            anchored = Some(now);
            next = now + ANCHOR_INTERVAL;
        }
        for site in &wanted {
            site.meter.revert_expired_level();
            next = site.meter.level_lease_deadline().map_or(next, |deadline| next.min(deadline));
        }
        next = drains.drain(&wanted).map_or(next, |due| next.min(due));
        drop(wanted);
        tokio::select! {
            () = KEEPER.stir.notified() => {}
            () = tokio::time::sleep_until(next.into()) => {}
            Some(ended) = tasks.join_next() => resume_panic(ended),
        }
    }
}
