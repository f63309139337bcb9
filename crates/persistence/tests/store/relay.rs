//! What relays lean on beside leases: commits that are announced, figures, and a log that forgets only what was sent.

use crate::given::{World, now};
use chrono::Duration;
use std::time::Duration as Time;
use waymark_domain::ports::Ids;

on_both_databases!(
    a_busy_relay_keeps_what_it_holds,
    a_commit_rings_in_another_process,
    figures_tell_what_waits,
    pruning_spares_what_waits
);

async fn a_busy_relay_keeps_what_it_holds(world: World) {
    let outbox = world.persistence.outbox();
    let (busy, other) = (world.ids.next(), world.ids.next());
    let lease = outbox.claim(busy, Time::from_secs(3)).await.unwrap();
    for _ in 0..5 {
        tokio::time::sleep(Time::from_secs(1)).await;
        outbox.renew(busy, Time::from_secs(3)).await.unwrap();
    }
    assert_eq!(outbox.claim(other, Time::from_secs(3)).await.unwrap().shards.len(), 0);
    outbox.renew(busy, Time::from_secs(60)).await.unwrap();
    let again = outbox.claim(busy, Time::from_secs(60)).await.unwrap();
    assert!(again.shards.iter().all(|shard| lease.shards.contains(shard)), "in the same epochs");
}

async fn a_commit_rings_in_another_process(world: World) {
    if !world.on_postgres() {
        // SQLite has one process.
        return;
    }
    world.organisation().await;
    let announcing = tokio::spawn(world.persistence.clone().announce());
    let mut bell = world.another_process().await.outbox().bell();
    // Rings once because it begins to listen.
    tokio::time::timeout(Time::from_secs(30), bell.rung()).await.expect("it listens");
    let rung = async {
        // The announcer may not have begun: then this commit is not announced, and the next one is.
        loop {
            world.evidence("mira", "mira", "1").await;
            if tokio::time::timeout(Time::from_secs(1), bell.rung()).await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(Time::from_secs(30), rung).await.expect("a commit is heard");
    announcing.abort();
}

async fn figures_tell_what_waits(world: World) {
    let outbox = world.persistence.outbox();
    assert_eq!(outbox.figures().await.unwrap(), waymark_persistence::OutboxFigures::default());
    world.organisation().await;
    let lease = outbox.claim(world.ids.next(), Time::from_secs(60)).await.unwrap();
    let records = outbox.pending(&lease, 1_000).await.unwrap();
    let figures = outbox.figures().await.unwrap();
    assert_eq!((figures.pending, figures.blocked), (records.len() as i64, 0));
    assert_eq!(figures.oldest, Some(now() - Duration::days(100)));
    outbox.block(records[0].seq, "too large").await.unwrap();
    let others: Vec<i64> =
        records.iter().filter(|record| record.key != records[0].key).map(|record| record.seq).collect();
    outbox.acknowledge(&lease, &others).await.unwrap();
    let figures = outbox.figures().await.unwrap();
    assert_eq!((figures.pending as usize, figures.blocked), (records.len() - others.len(), 1));
    assert_eq!(figures.oldest, None, "a blocked stream has a figure of its own");
}

async fn pruning_spares_what_waits(world: World) {
    world.organisation().await;
    let outbox = world.persistence.outbox();
    let lease = outbox.claim(world.ids.next(), Time::from_secs(60)).await.unwrap();
    let old: Vec<i64> = outbox.pending(&lease, 1_000).await.unwrap().iter().map(|r| r.seq).collect();
    world.evidence("mira", "mira", "1").await;
    let new = outbox.pending(&lease, 1_000).await.unwrap().len() - old.len();
    let before = now() - Duration::days(1);
    assert_eq!(outbox.prune(before).await.unwrap(), 0, "everything is pending");
    outbox.acknowledge(&lease, &old[2..]).await.unwrap();
    assert_eq!(outbox.prune(before).await.unwrap(), old.len() as u64 - 2);
    assert_eq!(outbox.prune(before).await.unwrap(), 0);
    let left: Vec<i64> = outbox.pending(&lease, 1_000).await.unwrap().iter().map(|r| r.seq).collect();
    assert_eq!((&left[..2], left.len()), (&old[..2], 2 + new), "what waits is whole");
    assert_eq!(world.number("select count(*) from event_log").await, 2 + new as i64);
}
