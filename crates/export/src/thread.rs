//! A native thread for a list that any thread changes.
//!
//! It starts with the first item of the list, ends after the last, and never keeps the process
//! alive. What it does it compares with what the list says; so a panic, which ends everything that
//! it did, is caught, told to the items, and followed by doing it all again.

use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinError, JoinSet, LocalSet};

/// How long what panicked rests, so that a panic that comes back at once takes no processor.
pub(crate) const REST: Duration = Duration::from_millis(100);

/// What a thread does. A value of it lasts from the thread's start, or its last panic, to the next.
pub(crate) trait Duty: Default + 'static {
    /// What is in the list.
    type Item: Send + Sync + 'static;

    /// The thread's name, as `top -H` and a debugger show it. Linux keeps 15 bytes of it.
    const NAME: &'static str;

    /// Works for one item until it is dropped: when the item has left the list.
    fn work(item: Arc<Self::Item>) -> impl Future<Output = ()> + 'static;

    /// Does what is due for all, whenever the thread is stirred; answers when it is due again.
    fn turn(&mut self, items: &[Arc<Self::Item>]) -> Option<Instant>;

    /// The thread has panicked.
    fn panicked(items: &[Arc<Self::Item>]);

    /// The thread could not go on, and rests before it tries again. Out of file descriptors, most
    /// likely.
    fn rests(items: &[Arc<Self::Item>], error: &io::Error);
}

/// A thread, which may not run now, and its list.
pub(crate) struct NativeThread<D: Duty> {
    state: Mutex<State<D>>,
    /// The list has changed, or something that a turn looks at.
    stir: Notify,
}

struct State<D: Duty> {
    items: Vec<Arc<D::Item>>,
    /// Whether there is a thread. It ends under the lock, when the list is empty.
    running: bool,
}

impl<D: Duty> NativeThread<D> {
    pub(crate) const fn new() -> Self {
        let state = Mutex::new(State { items: Vec::new(), running: false });
        NativeThread { state, stir: Notify::const_new() }
    }

    /// Adds items to the list, and starts the thread if there is none.
    ///
    /// # Errors
    ///
    /// The thread could not be started; the list is as before.
    pub(crate) fn add(&'static self, items: &[Arc<D::Item>]) -> io::Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let mut state = self.lock();
        if !state.running {
            std::thread::Builder::new().name(D::NAME.to_owned()).spawn(|| self.run())?;
            state.running = true;
        }
        state.items.extend_from_slice(items);
        drop(state);
        self.stir();
        Ok(())
    }

    /// Takes items out of the list. The thread lets go of them soon.
    pub(crate) fn remove(&self, items: &[Arc<D::Item>]) {
        self.lock().items.retain(|kept| !has(items, kept));
        self.stir();
    }

    /// Has the thread look at its list, and take a turn.
    pub(crate) fn stir(&self) {
        self.stir.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.work_on_a_runtime())) {
                Ok(Ok(())) => {
                    let mut state = self.lock();
                    if state.items.is_empty() {
                        state.running = false;
                        return;
                    }
                    continue;
                }
                Ok(Err(error)) => D::rests(&self.lock().items, &error),
                Err(_panic) => D::panicked(&self.lock().items),
            }
            std::thread::sleep(REST);
        }
    }

    fn work_on_a_runtime(&self) -> io::Result<()> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        LocalSet::new().block_on(&runtime, self.work());
        // Not dropped, which would wait for names that are being looked up.
        runtime.shutdown_background();
        Ok(())
    }

    /// Works for the items of the list until it is empty.
    async fn work(&self) {
        let mut duty = D::default();
        let mut working: Vec<(Arc<D::Item>, AbortHandle)> = Vec::new();
        let mut tasks = JoinSet::new();
        loop {
            let wanted = self.lock().items.clone();
            working.retain(|(item, task)| {
                let stays = has(&wanted, item);
                if !stays {
                    task.abort();
                }
                stays
            });
            for item in &wanted {
                if !working.iter().any(|(known, _)| Arc::ptr_eq(known, item)) {
                    let task = tasks.spawn_local(D::work(Arc::clone(item)));
                    working.push((Arc::clone(item), task));
                }
            }
            if wanted.is_empty() {
                return;
            }
            let due = duty.turn(&wanted);
            drop(wanted);
            tokio::select! {
                () = self.stir.notified() => {}
                () = until(due) => {}
                Some(ended) = tasks.join_next() => resume_panic(ended),
            }
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

fn has<T>(items: &[Arc<T>], item: &Arc<T>) -> bool {
    items.iter().any(|one| Arc::ptr_eq(one, item))
}

/// Lets a panic that ended a task go on in the one that waits for it.
pub(crate) fn resume_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        std::panic::resume_unwind(error.into_panic());
    }
}
