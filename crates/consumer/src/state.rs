//! What a member has read and not yet settled: lanes of events for each key, and how far each partition may be
//! committed.

use crate::Incoming;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A partition of a topic.
pub(crate) type Partition = (String, i32);

/// One key of one partition, as long as the partition was not given away in between.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LaneId {
    pub partition: Partition,
    pub key: Vec<u8>,
    epoch: u64,
}

/// Events of a key: by sequence, so that one that is sent again overtakes those that wait for it.
type Lane = BTreeMap<(i64, i64), Incoming>;

#[derive(Debug)]
struct Tracker {
    open: BTreeSet<i64>,
    next: i64,
    committed: i64,
    /// Events that are being handled.
    busy: usize,
    epoch: u64,
    revoked: bool,
}

impl Tracker {
    /// The first offset that is not settled: what a successor begins with.
    fn position(&self) -> i64 {
        self.open.first().copied().unwrap_or(self.next)
    }
}

#[derive(Debug, Default)]
struct Inner {
    lanes: HashMap<LaneId, Lane>,
    partitions: HashMap<Partition, Tracker>,
    waiting: usize,
    epoch: u64,
}

/// Shared by the polling thread and the lanes.
#[derive(Debug, Default)]
pub(crate) struct State {
    inner: Mutex<Inner>,
    settled: Condvar,
}

impl State {
    /// What a panic elsewhere left is still counted rightly: no method stops half-way.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Events that are read and not yet settled.
    pub fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// Adds an event; the lane, if nobody works on it yet.
    pub fn deliver(&self, message: Incoming) -> Option<LaneId> {
        let mut inner = self.lock();
        let epoch = inner.epoch;
        let partition = (message.topic.clone(), message.partition);
        let tracker = inner.partitions.entry(partition.clone()).or_insert_with(|| Tracker {
            open: BTreeSet::new(),
            next: message.offset,
            committed: message.offset,
            busy: 0,
            epoch,
            revoked: false,
        });
        tracker.open.insert(message.offset);
        tracker.next = tracker.next.max(message.offset + 1);
        let id = LaneId { partition, key: message.key.clone(), epoch: tracker.epoch };
        inner.waiting += 1;
        let fresh = !inner.lanes.contains_key(&id);
        let place = (message.sequence().unwrap_or_default(), message.offset);
        inner.lanes.entry(id.clone()).or_default().insert(place, message);
        fresh.then_some(id)
    }

    /// The lane's next event, which stays in it. None ends the lane: it is empty, or its partition went away.
    pub fn next(&self, id: &LaneId) -> Option<Incoming> {
        let mut inner = self.lock();
        let first =
            inner.lanes.get(id).and_then(|lane| lane.first_key_value()).map(|(_, first)| first.clone());
        if first.is_none() {
            inner.lanes.remove(id);
        }
        first
    }

    /// Whether the member still has the lane's partition; then it keeps it until [`State::pause`].
    pub fn begin(&self, id: &LaneId) -> bool {
        let mut inner = self.lock();
        match inner.partitions.get_mut(&id.partition) {
            Some(tracker) if tracker.epoch == id.epoch && !tracker.revoked => {
                tracker.busy += 1;
                true
            }
            _ => false,
        }
    }

    /// The attempt is over; the event is settled, or stays in the lane.
    pub fn pause(&self, id: &LaneId, message: &Incoming, settled: bool) {
        let mut inner = self.lock();
        if let Some(tracker) = inner.partitions.get_mut(&id.partition).filter(|found| found.epoch == id.epoch)
        {
            tracker.busy -= 1;
            if settled {
                tracker.open.remove(&message.offset);
            }
        }
        let place = (message.sequence().unwrap_or_default(), message.offset);
        if settled && inner.lanes.get_mut(id).is_some_and(|lane| lane.remove(&place).is_some()) {
            inner.waiting -= 1;
        }
        drop(inner);
        self.settled.notify_all();
    }

    /// How far the partitions may be committed, where that changed since it was last asked.
    pub fn positions(&self) -> Vec<(Partition, i64)> {
        let mut inner = self.lock();
        let moved = inner.partitions.iter_mut().filter(|(_, tracker)| tracker.position() > tracker.committed);
        moved
            .map(|(partition, tracker)| {
                tracker.committed = tracker.position();
                (partition.clone(), tracker.committed)
            })
            .collect()
    }

    /// Gives partitions up: begins nothing more in them, waits so long for what is being handled, and says how far
    /// they may be committed. What waits in their lanes is dropped; whoever has them next reads it again.
    pub fn revoke(&self, partitions: &[Partition], grace: Duration) -> Vec<(Partition, i64)> {
        let until = Instant::now() + grace;
        let mut inner = self.lock();
        inner.epoch += 1;
        for partition in partitions {
            if let Some(tracker) = inner.partitions.get_mut(partition) {
                tracker.revoked = true;
            }
        }
        let busy = |inner: &Inner| {
            partitions.iter().any(|found| inner.partitions.get(found).is_some_and(|tracker| tracker.busy > 0))
        };
        while busy(&inner) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            inner = self.settled.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        inner.lanes.retain(|id, _| !partitions.contains(&id.partition));
        let left = inner.lanes.values().map(BTreeMap::len).sum();
        inner.waiting = left;
        let gone =
            partitions.iter().filter_map(|found| Some((found.clone(), inner.partitions.remove(found)?)));
        gone.map(|(partition, tracker)| (partition, tracker.position())).collect()
    }

    /// Every partition of which something was read.
    pub fn partitions(&self) -> Vec<Partition> {
        self.lock().partitions.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(offset: i64, key: &str, sequence: i64) -> Incoming {
        Incoming {
            topic: "t".to_owned(),
            partition: 0,
            offset,
            key: key.into(),
            headers: vec![("ce_sequence".to_owned(), sequence.to_string().into())],
            value: None,
        }
    }

    #[test]
    fn a_position_never_passes_an_event_that_is_not_settled() {
        let state = State::default();
        let slow = state.deliver(message(10, "slow", 1)).unwrap();
        let fast = state.deliver(message(11, "fast", 1)).unwrap();
        assert!(state.begin(&fast));
        state.pause(&fast, &message(11, "fast", 1), true);
        assert!(state.positions().is_empty());
        assert!(state.begin(&slow));
        state.pause(&slow, &message(10, "slow", 1), true);
        assert_eq!(state.positions(), [(("t".to_owned(), 0), 12)]);
        assert_eq!(state.waiting(), 0);
    }

    #[test]
    fn a_missing_sequence_overtakes_what_waits_for_it() {
        let state = State::default();
        let id = state.deliver(message(1, "k", 3)).unwrap();
        assert_eq!(state.deliver(message(2, "k", 2)), None);
        assert_eq!(state.next(&id).unwrap().offset, 2);
    }

    #[test]
    fn what_was_given_up_is_neither_begun_nor_committed() {
        let state = State::default();
        let id = state.deliver(message(5, "k", 1)).unwrap();
        assert!(state.begin(&id));
        state.pause(&id, &message(5, "k", 1), false);
        assert_eq!(state.revoke(&[("t".to_owned(), 0)], Duration::ZERO), [(("t".to_owned(), 0), 5)]);
        assert!(!state.begin(&id) && state.next(&id).is_none() && state.waiting() == 0);
        // The same partition comes back: the old lane stays ended.
        let again = state.deliver(message(5, "k", 1)).unwrap();
        assert!(!state.begin(&id) && state.begin(&again));
    }
}
