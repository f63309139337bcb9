//! Rights that change while something is held open for a caller.
//!
//! A number for each tenant rises in the database with every change that may change what somebody may do. One look
//! at the numbers every two seconds, however many streams there are; a stream asks again when its tenant's has risen,
//! and when a role of its caller comes to its end.

use super::{Authenticator, Caller};
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use waymark_domain::access::Action;
use waymark_domain::kernel::{PersonId, TenantId};
use waymark_domain::ports::Readers;

/// How often the numbers are looked at: a right that was lost is noticed within this and the time of two reads.
const EVERY: Duration = Duration::from_secs(2);

/// How many streams ask again at once, so that requests keep their connections.
const AT_ONCE: usize = 2;

type Epochs = Arc<HashMap<TenantId, i64>>;

/// Notices when rights change.
#[derive(Clone)]
pub struct Rights {
    readers: Arc<dyn Readers>,
    epochs: watch::Receiver<Epochs>,
    asking: Arc<Semaphore>,
}

impl Rights {
    /// Notices changes as long as the future that comes with it runs.
    #[must_use]
    pub fn watch(readers: Arc<dyn Readers>) -> (Self, BoxFuture<'static, ()>) {
        let (sender, epochs) = watch::channel(Epochs::default());
        let rights = Self { readers: readers.clone(), epochs, asking: Arc::new(Semaphore::new(AT_ONCE)) };
        (rights, Box::pin(look(readers, sender)))
    }

    /// Waits until the caller no longer reaches the person.
    pub(crate) async fn lost(
        mut self,
        authenticator: Authenticator,
        caller: Caller,
        action: Action,
        person: PersonId,
    ) {
        let tenant = caller.actor.tenant.id;
        let of = |epochs: &Epochs| epochs.get(&tenant).copied();
        let mut caller = caller;
        loop {
            // The first look asks too: what changed since the caller was let in may be in the numbers already.
            let known = of(&self.epochs.borrow_and_update());
            let turn = self.asking.acquire().await;
            // Boxed, and only while it is this stream's turn: there may be thousands of streams, and what asks is large.
            let held = Box::pin(self.held(&authenticator, &mut caller, action, person)).await;
            drop(turn);
            match held {
                Some(true) => {}
                Some(false) => return,
                None => {
                    tokio::time::sleep(EVERY).await;
                    continue;
                }
            }
            let ends = caller.actor.roles.iter().filter_map(|held| held.until).min();
            let change = async { self.epochs.wait_for(|epochs| of(epochs) != known).await.is_err() };
            tokio::select! {
                over = change => if over {
                    // Nobody looks any more: the process is about to end.
                    return std::future::pending().await;
                },
                () = Box::pin(until(&authenticator, ends)) => {}
            }
        }
    }

    /// Whether the right is still there; `None` while the database does not answer.
    async fn held(
        &self,
        authenticator: &Authenticator,
        caller: &mut Caller,
        action: Action,
        person: PersonId,
    ) -> Option<bool> {
        let actor = match authenticator.again(caller).await {
            Ok(Some(actor)) => actor,
            Ok(None) => return Some(false),
            Err(error) => {
                error.log();
                return None;
            }
        };
        caller.actor = actor;
        match self.readers.within_reach(&caller.actor, action, &[person]).await {
            Ok(reached) => Some(!reached.is_empty()),
            Err(error) => {
                drop(crate::error::fault_of(&error));
                None
            }
        }
    }
}

/// Waits until a role has ended; for ever if none ends.
async fn until(authenticator: &Authenticator, ends: Option<DateTime<Utc>>) {
    let Some(ends) = ends else { return std::future::pending().await };
    let left = (ends - authenticator.now()).to_std().unwrap_or_default();
    // What ends now may end a moment later by the clock that the next look goes by.
    tokio::time::sleep(left.max(Duration::from_millis(500))).await;
}

async fn look(readers: Arc<dyn Readers>, sender: watch::Sender<Epochs>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match readers.epochs().await {
            Ok(epochs) => {
                sender.send_if_modified(|known| {
                    let changed = **known != epochs;
                    *known = Arc::new(epochs);
                    changed
                });
            }
            Err(error) => drop(crate::error::fault_of(&error)),
        }
    }
}
