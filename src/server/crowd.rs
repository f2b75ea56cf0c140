//! Who is inside, and who has to leave when there is no place for the next one.
//!
//! A client that opens connections and never finishes a request head would hold every place until its patience ends.
//! So when all places are taken and somebody waits at the door, whoever has kept us waiting for a head the longest gives
//! up the place. Connections with a request at work stay, and so do those that a load balancer keeps open between two
//! requests.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};

use super::activity::Activity;

/// A head that takes longer than this is slow: it is one packet or two.
const SLOW_HEAD: Duration = Duration::from_secs(1);

/// How often to look for one while there is none: slowness is a matter of time, which tells nobody.
const LOOK: Duration = Duration::from_millis(50);

/// The connections of one listener. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Crowd(Arc<Mutex<Guests>>);

#[derive(Debug, Default)]
struct Guests {
    next: u64,
    /// In the order in which they came.
    inside: BTreeMap<u64, Arc<Guest>>,
}

/// One connection as its crowd sees it.
#[derive(Debug, Default)]
struct Guest {
    activity: Arc<Activity>,
    leave: Notify,
}

/// A place in the crowd, given up when it is dropped.
#[derive(Debug)]
pub(super) struct Inside {
    crowd: Crowd,
    number: u64,
    guest: Arc<Guest>,
}

impl Crowd {
    /// A connection comes in.
    pub(super) fn enter(&self) -> Inside {
        let guest = Arc::<Guest>::default();
        let mut guests = self.guests();
        let number = guests.next;
        guests.next += 1;
        guests.inside.insert(number, Arc::clone(&guest));
        Inside {
            crowd: self.clone(),
            number,
            guest,
        }
    }

    /// Sends the one away that has kept us waiting for a head the longest; whether there was one.
    fn send_one_away(&self) -> bool {
        let mut guests = self.guests();
        let slow = guests
            .inside
            .iter()
            .filter_map(|(number, guest)| Some((guest.activity.waited_for_head()?, *number)))
            .filter(|(waited, _)| *waited >= SLOW_HEAD)
            .max();
        let Some((_, number)) = slow else {
            return false;
        };
        if let Some(guest) = guests.inside.remove(&number) {
            guest.leave.notify_one();
        }
        true
    }

    /// Sends one away as soon as one is slow enough, and gives it the time to go.
    pub(super) async fn somebody_sent_away(&self) {
        while !self.send_one_away() {
            sleep(LOOK).await;
        }
        sleep(LOOK).await;
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// What the connection is doing.
    pub(super) fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.guest.activity)
    }

    /// Waits for the word to leave.
    pub(super) async fn sent_away(&self) {
        self.guest.leave.notified().await;
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.crowd.guests().inside.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_slowest_head_leaves_and_nobody_else() {
        let crowd = Crowd::default();
        let silent = crowd.enter();
        let working = crowd.enter();
        let kept = crowd.enter();
        let request = working.activity().begin();
        drop(kept.activity().begin());
        assert!(!crowd.send_one_away(), "nobody was slow yet");
        tokio::time::advance(SLOW_HEAD).await;
        let late = crowd.enter();
        late.activity().bytes_arrived();
        assert!(crowd.send_one_away());
        silent.sent_away().await;
        assert!(!crowd.send_one_away(), "the others may stay");
        tokio::time::advance(SLOW_HEAD).await;
        assert!(crowd.send_one_away());
        late.sent_away().await;
        kept.activity().bytes_arrived();
        tokio::time::advance(SLOW_HEAD).await;
        assert!(crowd.send_one_away(), "its second head is slow");
        kept.sent_away().await;
        drop((silent, late, kept, request));
        assert_eq!(crowd.guests().inside.len(), 1);
        drop(working);
        assert!(crowd.guests().inside.is_empty());
    }
}
