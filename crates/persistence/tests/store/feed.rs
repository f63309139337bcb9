//! A person's events as a feed: all of them, once, also when another process writes.

use crate::given::World;
use futures_util::StreamExt;
use std::time::{Duration, Instant};
use waymark_domain::ports::{EventFeed, FeedEvent, FeedPosition};

on_both_databases!(from_the_beginning_then_live, resumed_without_gap_or_repeat, other_processes_are_heard);

/// Longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

async fn take(world: &World, from: Option<FeedPosition>, count: usize) -> Vec<FeedEvent> {
    let (viewer, person) = (world.viewer().await, world.person("mira").await);
    let feed = world.persistence.follow(&viewer, person, from).await.unwrap();
    let taken = tokio::time::timeout(PATIENCE, feed.take(count).collect::<Vec<_>>());
    taken.await.unwrap().into_iter().map(Result::unwrap).collect()
}

fn types(events: &[FeedEvent]) -> Vec<&str> {
    events.iter().map(|e| e.event_type.trim_start_matches("career.").trim_end_matches(".v1")).collect()
}

async fn from_the_beginning_then_live(world: World) {
    world.organisation().await;
    let (viewer, person) = (world.viewer().await, world.person("mira").await);
    let mut live = world.persistence.follow(&viewer, person, None).await.unwrap();
    world.evidence("jonas", "jonas", "not hers").await;
    world.evidence("jonas", "mira", "hers").await;
    let first = tokio::time::timeout(PATIENCE, live.next()).await.unwrap().unwrap().unwrap();
    assert_eq!((first.event_type.as_str(), first.sequence), ("career.evidence-proposed.v1", 1));
    let all = take(&world, Some(FeedPosition::default()), 3).await;
    assert_eq!(types(&all), ["person-registered", "person-assigned", "evidence-proposed"]);
}

async fn resumed_without_gap_or_repeat(world: World) {
    world.organisation().await;
    for number in 0..4 {
        world.evidence("mira", "mira", &number.to_string()).await;
    }
    let count = usize::try_from(world.number("select count(*) from event_log").await).unwrap();
    let mine = world.texts("select key from event_log").await;
    let mira = world.person("mira").await.to_string();
    let total = mine.iter().filter(|key| **key == mira).count();
    assert!(total < count && total > 10);
    let whole = take(&world, Some(FeedPosition::default()), total).await;
    for cut in 1..total {
        let rest = take(&world, Some(whole[cut - 1].position), total - cut).await;
        assert_eq!(rest, whole[cut..], "resumed after {cut}");
    }
}

async fn other_processes_are_heard(world: World) {
    world.organisation().await;
    let other = world.another_process().await;
    let watch = tokio::spawn(other.clone().watch(Duration::from_millis(50)));
    // Without a bell a feed looks for itself after 5 s. A busy machine gets some chances to be sooner than that.
    const FALLBACK: Duration = Duration::from_secs(5);
    let (viewer, person) = (world.viewer().await, world.person("mira").await);
    let mut feed = other.follow(&viewer, person, None).await.unwrap();
    let sooner = async {
        for round in 0..5 {
            let begin = Instant::now();
            let write = async {
                // So that the feed has found nothing and waits.
                tokio::time::sleep(Duration::from_millis(300)).await;
                world.evidence("jonas", "mira", &format!("from the first process {round}")).await
            };
            let (heard, _) = tokio::join!(feed.next(), write);
            assert!(heard.unwrap().is_ok());
            if begin.elapsed() < FALLBACK {
                return;
            }
        }
        panic!("never heard before the fallback");
    };
    tokio::time::timeout(PATIENCE, sooner).await.unwrap();
    watch.abort();
}
