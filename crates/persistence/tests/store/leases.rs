//! Which relay publishes what: fair shares, take-over, and that a stale owner can take nothing off the queue.

use crate::given::World;
use std::collections::HashSet;
use std::time::Duration;
use waymark_domain::ports::Ids;
use waymark_persistence::{Lease, SHARDS};

on_both_databases!(
    two_relays_share,
    a_released_share_is_taken_over,
    a_dead_relay_is_taken_over_and_fenced_off
);

const LONG: Duration = Duration::from_secs(60);

fn shards(lease: &Lease) -> HashSet<i16> {
    lease.shards.iter().map(|(shard, _)| *shard).collect()
}

async fn two_relays_share(world: World) {
    let outbox = world.persistence.outbox();
    let (a, b) = (world.ids.next(), world.ids.next());
    assert_eq!(outbox.claim(a, LONG).await.unwrap().shards.len(), usize::from(SHARDS), "alone: all");
    outbox.claim(b, LONG).await.unwrap();
    let first = outbox.claim(a, LONG).await.unwrap();
    let second = outbox.claim(b, LONG).await.unwrap();
    assert_eq!((first.shards.len(), second.shards.len()), (32, 32));
    assert!(shards(&first).is_disjoint(&shards(&second)));
    assert_eq!(outbox.claim(a, LONG).await.unwrap(), first, "stable from then on");
}

async fn a_released_share_is_taken_over(world: World) {
    let outbox = world.persistence.outbox();
    let (a, b) = (world.ids.next(), world.ids.next());
    outbox.claim(a, LONG).await.unwrap();
    assert_eq!(outbox.claim(b, LONG).await.unwrap().shards.len(), 0);
    outbox.release(a).await.unwrap();
    assert_eq!(outbox.claim(b, LONG).await.unwrap().shards.len(), usize::from(SHARDS));
}

async fn a_dead_relay_is_taken_over_and_fenced_off(world: World) {
    world.organisation().await;
    let outbox = world.persistence.outbox();
    let (dead, heir) = (world.ids.next(), world.ids.next());
    let stale = outbox.claim(dead, Duration::from_secs(3)).await.unwrap();
    let seqs: Vec<i64> = outbox.pending(&stale, 100).await.unwrap().iter().map(|r| r.seq).collect();
    assert!(!seqs.is_empty());
    let taken_over = async {
        loop {
            let lease = outbox.claim(heir, LONG).await.unwrap();
            if lease.shards.len() == usize::from(SHARDS) {
                return lease;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let lease = tokio::time::timeout(LONG, taken_over).await.expect("all shards are taken over");
    assert!(lease.shards.iter().all(|(_, epoch)| *epoch == 2), "a new epoch");
    assert_eq!(outbox.acknowledge(&stale, &seqs).await.unwrap(), 0, "the stale owner takes nothing off");
    assert_eq!(outbox.acknowledge(&lease, &seqs).await.unwrap(), seqs.len() as u64);
}
