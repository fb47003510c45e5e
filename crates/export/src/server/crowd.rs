//! The connections of one meter's server: who is let in, and who has to go.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::limits::{MAX_LEAVING, PORCH};
use super::watch::{Phase, Watch};

/// All open connections, by age.
#[derive(Debug, Default)]
pub struct Crowd {
    members: RefCell<BTreeMap<u64, Rc<Watch>>>,
    next: Cell<u64>,
    /// A connection has gone.
    left: Notify,
    /// Connections that have had to go and are not gone yet.
    leaving: Cell<usize>,
}

/// A connection that has waited for less is not closed for another: its request is under way, and
/// a thousand honest clients that come at once are each answered.
const GRACE: Duration = Duration::from_millis(100);

/// The same for one that has sent nothing yet: a client that opens a thousand connections takes a
/// while until it comes to write to the first.
const SETTLING: Duration = Duration::from_secs(1);

/// What becomes of a new connection.
pub enum Admission {
    /// It is served.
    Served(Place),
    /// It is served, and an older one that was not being answered is closed for it.
    Replacing(Place),
    /// All are busy: it is let in to be told so.
    ToldBusy(Place),
    /// Nobody has a moment: it waits outside.
    NotNow,
}

/// A connection's place in the crowd, given up when dropped.
#[derive(Debug)]
pub struct Place {
    crowd: Rc<Crowd>,
    number: u64,
    /// The connection's state.
    pub watch: Rc<Watch>,
}

impl Crowd {
    /// Lets a new connection in, if `limit` of them and a porch allow it.
    pub fn admit(self: &Rc<Self>, limit: usize, now: Instant) -> Admission {
        let open = self.members.borrow().len();
        if open < limit {
            return Admission::Served(self.place());
        }
        match self.oldest_evictable(now) {
            Some(_) if self.leaving.get() >= MAX_LEAVING => Admission::NotNow,
            Some(number) => {
                if let Some(watch) = self.members.borrow_mut().remove(&number) {
                    self.leaving.set(self.leaving.get() + 1);
                    watch.evict();
                }
                Admission::Replacing(self.place())
            }
            None if open < limit + PORCH && !self.is_waiting() => Admission::ToldBusy(self.place()),
            None => Admission::NotNow,
        }
    }

    /// Ends when a connection has gone, or it is time to look again whether one may be closed.
    pub async fn room(&self) {
        tokio::select! {
            () = self.left.notified() => {}
            () = tokio::time::sleep(GRACE / 4) => {}
        }
    }

    fn oldest_evictable(&self, now: Instant) -> Option<u64> {
        let members = self.members.borrow();
        let evictable = |watch: &Watch| {
            let grace = if watch.has_spoken() { GRACE } else { SETTLING };
            watch.phase() == Phase::Waiting && watch.since() + grace <= now
        };
        members.iter().find(|(_, watch)| evictable(watch)).map(|(number, _)| *number)
    }

    fn is_waiting(&self) -> bool {
        self.members.borrow().values().any(|watch| watch.phase() == Phase::Waiting)
    }

    fn place(self: &Rc<Self>) -> Place {
        let number = self.next.replace(self.next.get() + 1);
        let watch = Watch::new();
        self.members.borrow_mut().insert(number, Rc::clone(&watch));
        Place { crowd: Rc::clone(self), number, watch }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Crowd { members, left, leaving, .. } = &*self.crowd;
        if members.borrow_mut().remove(&self.number).is_none() {
            leaving.set(leaving.get() - 1);
        }
        left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(crowd: &Rc<Crowd>, limit: usize) -> Place {
        match crowd.admit(limit, Instant::now()) {
            Admission::Served(place) => place,
            _ => panic!("not served"),
        }
    }

    #[test]
    fn the_oldest_that_waits_makes_room() {
        let crowd = Rc::new(Crowd::default());
        let places = [served(&crowd, 3), served(&crowd, 3), served(&crowd, 3)];
        places[0].watch.answering();
        places[1].watch.spoke();
        places[2].watch.spoke();
        assert!(matches!(crowd.admit(3, Instant::now()), Admission::NotNow));
        let Admission::Replacing(_newcomer) = crowd.admit(3, Instant::now() + GRACE) else {
            panic!("no room was made")
        };
        let members = crowd.members.borrow();
        assert_eq!(members.keys().copied().collect::<Vec<_>>(), [0, 2, 3]);
    }

    #[test]
    fn one_that_has_sent_nothing_yet_is_left_alone_for_longer() {
        let crowd = Rc::new(Crowd::default());
        let _place = served(&crowd, 1);
        let soon = Instant::now() + GRACE;
        assert!(matches!(crowd.admit(1, soon), Admission::NotNow));
        let later = Instant::now() + SETTLING;
        assert!(matches!(crowd.admit(1, later), Admission::Replacing(_)));
    }

    #[test]
    fn those_past_the_limit_are_told_so_while_all_are_busy() {
        let crowd = Rc::new(Crowd::default());
        let place = served(&crowd, 1);
        place.watch.answering();
        let mut porch = Vec::new();
        for _ in 0..PORCH {
            let Admission::ToldBusy(place) = crowd.admit(1, Instant::now()) else {
                panic!("was not told")
            };
            place.watch.answering();
            porch.push(place);
        }
        assert!(matches!(crowd.admit(1, Instant::now()), Admission::NotNow));
        drop(porch);
        drop(place);
        served(&crowd, 1);
    }
}
