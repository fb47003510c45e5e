//! The connections of one meter's server: who is let in, and who has to go.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::limits::PORCH;
use super::watch::{Phase, Watch};

/// All open connections, by age.
#[derive(Debug, Default)]
pub struct Crowd {
    members: RefCell<BTreeMap<u64, Rc<Watch>>>,
    next: Cell<u64>,
}

/// What becomes of a new connection.
pub enum Admission {
    /// It is served.
    Served(Place),
    /// It is served, and an older one that was not being answered is closed for it.
    Replacing(Place),
    /// All are busy: it is let in to be told so.
    ToldBusy(Place),
    /// Not even that.
    Refused,
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
    pub fn admit(self: &Rc<Self>, limit: usize) -> Admission {
        let open = self.members.borrow().len();
        if open < limit {
            return Admission::Served(self.place());
        }
        let oldest_waiting = {
            let members = self.members.borrow();
            members
                .iter()
                .find(|(_, watch)| watch.phase() == Phase::Waiting)
                .map(|(number, _)| *number)
        };
        match oldest_waiting.and_then(|number| self.members.borrow_mut().remove(&number)) {
            Some(watch) => {
                watch.evict();
                Admission::Replacing(self.place())
            }
            None if open < limit + PORCH => Admission::ToldBusy(self.place()),
            None => Admission::Refused,
        }
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
        self.crowd.members.borrow_mut().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(crowd: &Rc<Crowd>, limit: usize) -> Place {
        match crowd.admit(limit) {
            Admission::Served(place) => place,
            _ => panic!("not served"),
        }
    }

    #[test]
    fn the_oldest_that_waits_makes_room() {
        let crowd = Rc::new(Crowd::default());
        let places = [served(&crowd, 3), served(&crowd, 3), served(&crowd, 3)];
        places[0].watch.answering();
        let Admission::Replacing(_newcomer) = crowd.admit(3) else { panic!("no room was made") };
        let members = crowd.members.borrow();
        assert_eq!(members.keys().copied().collect::<Vec<_>>(), [0, 2, 3]);
    }

    #[test]
    fn those_past_the_limit_are_told_so_while_all_are_busy() {
        let crowd = Rc::new(Crowd::default());
        let place = served(&crowd, 1);
        place.watch.answering();
        let mut porch = Vec::new();
        for _ in 0..PORCH {
            let Admission::ToldBusy(place) = crowd.admit(1) else { panic!("was not told") };
            place.watch.answering();
            porch.push(place);
        }
        assert!(matches!(crowd.admit(1), Admission::Refused));
        drop(porch);
        drop(place);
        served(&crowd, 1);
    }
}
