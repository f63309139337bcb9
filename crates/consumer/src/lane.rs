//! A lane: the events of one key, one after the other.

use crate::Incoming;
use crate::dead::Reason;
use crate::settle::{Engine, Outcome};
use crate::state::{LaneId, State};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How often a lane looks whether a missing event came.
const GAP_POLL: Duration = Duration::from_millis(100);

/// What the lane remembers of the event at its head.
#[derive(Default)]
struct Head {
    offset: i64,
    failures: u32,
    away: u32,
    gap_since: Option<Instant>,
}

/// Works the lane off; ends when it is empty or its partition is given up.
pub(crate) async fn run(engine: Arc<Engine>, state: Arc<State>, slots: Arc<Semaphore>, id: LaneId) {
    let mut head = Head::default();
    while let Some(message) = state.next(&id) {
        if head.offset != message.offset {
            // An event that was missing keeps the patience of those that wait for it.
            head = Head { offset: message.offset, gap_since: head.gap_since, ..Head::default() };
        }
        let Ok(slot) = slots.acquire().await else { return };
        if !state.begin(&id) {
            return;
        }
        let wait = step(&engine, &message, &mut head).await;
        state.pause(&id, &message, wait.is_none());
        drop(slot);
        match wait {
            Some(wait) => tokio::time::sleep(wait).await,
            None => head.gap_since = None,
        }
    }
}

/// One attempt; how long to wait before the next one, or none when the event is settled.
async fn step(engine: &Engine, message: &Incoming, head: &mut Head) -> Option<Duration> {
    let late = head.gap_since.is_some_and(|since| since.elapsed() >= engine.patience());
    let retry = engine.settings.retry;
    let (reason, why) = match engine.attempt(message, late).await {
        Outcome::Done => return None,
        Outcome::Gap(last) if !late => {
            head.gap_since.get_or_insert_with(Instant::now);
            tracing::debug!(key = message.key_text(), last, "events are missing");
            return Some(GAP_POLL.min(engine.patience()));
        }
        Outcome::Gap(last) => (Reason::Gap, format!("events after {last} are missing")),
        Outcome::Failed(why) => {
            head.failures += 1;
            if head.failures < retry.attempts {
                tracing::info!(
                    key = message.key_text(),
                    failures = head.failures,
                    why,
                    "an event is tried again"
                );
                return Some(retry.wait(head.failures));
            }
            (Reason::Handler, why)
        }
        Outcome::Dead(reason, why) => {
            head.failures += u32::from(reason == Reason::Handler);
            (reason, why)
        }
        Outcome::Unavailable(why) => return Some(away(head, retry.wait(head.away + 1), &why)),
    };
    let buried = engine.bury(message, reason, &why, head.failures).await;
    match buried {
        Ok(()) => {
            let (topic, offset) = (&message.topic, message.offset);
            tracing::warn!(topic, offset, reason = reason.as_str(), why, "a message is a dead letter");
            None
        }
        Err(error) => {
            // The event has had its attempts: the next step buries it again at once.
            head.failures = head.failures.saturating_sub(1);
            Some(away(head, retry.wait(head.away + 1), &error))
        }
    }
}

fn away(head: &mut Head, wait: Duration, why: &str) -> Duration {
    head.away += 1;
    tracing::warn!(why, "what an event needs is away; the event waits");
    wait
}
