//! The keys of an issuer, kept for as long as it allows, and fetched again when they change.

use super::fetch::{FetchError, Fetched, Fetcher, Place};
use super::key_set::KeySet;
use chrono::{DateTime, TimeDelta, Utc};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use waymark_domain::ports::Clock;

/// Least time between two attempts: a token with an invented `kid` costs the issuer no more than this.
const COOL_DOWN: TimeDelta = TimeDelta::seconds(30);

/// How long keys are kept, whatever the issuer says: the least, so that `no-cache` is no request every 30 s, and the
/// most, within which a key that was taken back is no longer believed.
const LEAST: Duration = Duration::from_secs(5 * 60);
const MOST: Duration = Duration::from_secs(60 * 60);

/// How long keys are used while the issuer does not answer.
const STALE: TimeDelta = TimeDelta::hours(24);

/// Shortest pause between two looks at what is due.
const SHORTEST: Duration = Duration::from_secs(1);

/// Keys as they were fetched.
struct Held {
    keys: Arc<KeySet>,
    fetched_at: DateTime<Utc>,
    /// When they are fetched again.
    due_at: DateTime<Utc>,
}

/// The keys of one issuer.
pub struct Jwks {
    place: Place,
    fetcher: Fetcher,
    clock: Arc<dyn Clock>,
    held: watch::Sender<Option<Arc<Held>>>,
    /// When the last attempt began. Locked while one is under way: there is one at a time.
    attempted_at: Mutex<Option<DateTime<Utc>>>,
}

impl Jwks {
    /// The keys of this place; none are there yet.
    pub fn new(place: Place, fetcher: Fetcher, clock: Arc<dyn Clock>) -> Self {
        let (held, _) = watch::channel(None);
        Self { place, fetcher, clock, held, attempted_at: Mutex::new(None) }
    }

    /// The keys as far as they are there, unless they are too old.
    pub fn current(&self) -> Option<Arc<KeySet>> {
        let held = self.held.borrow().clone()?;
        (self.clock.now() - held.fetched_at <= STALE).then(|| held.keys.clone())
    }

    /// The keys among which one with this id should be. They are fetched again if it is not, but not more often than
    /// every 30 s.
    pub async fn find(self: &Arc<Self>, id: Option<&str>) -> Option<Arc<KeySet>> {
        let current = self.current();
        if current.as_ref().is_some_and(|keys| id.is_none_or(|id| keys.knows(id))) {
            return current;
        }
        self.refresh().await;
        self.current()
    }

    /// Keeps the keys up to date, so that no request has to wait for them. Runs until it is dropped.
    pub async fn keep(self: Arc<Self>) {
        loop {
            self.refresh().await;
            tokio::time::sleep(self.pause().await).await;
        }
    }

    /// Fetches the keys, unless that was tried within the last 30 s. Whoever comes during an attempt awaits its end.
    async fn refresh(self: &Arc<Self>) {
        let jwks = self.clone();
        // A task of its own: a caller who goes away must not take the attempt along.
        let attempt = tokio::spawn(async move {
            let mut attempted_at = jwks.attempted_at.lock().await;
            let now = jwks.clock.now();
            let cooling = |at: DateTime<Utc>| (at..at + COOL_DOWN).contains(&now);
            if attempted_at.is_some_and(cooling) {
                return;
            }
            *attempted_at = Some(now);
            match jwks.fetcher.fetch(&jwks.place).await {
                Ok(fetched) => jwks.hold(fetched, now),
                Err(error) => jwks.complain(&error),
            }
        });
        if let Err(error) = attempt.await {
            tracing::error!(%error, "the attempt to fetch keys broke off");
        }
    }

    fn hold(&self, fetched: Fetched, now: DateTime<Utc>) {
        let kept = fetched.max_age.unwrap_or(LEAST).clamp(LEAST, MOST);
        tracing::info!(place = ?self.place, keys = fetched.keys.len(), seconds = kept.as_secs(), "fetched keys");
        self.held.send_replace(Some(Arc::new(Held {
            keys: Arc::new(fetched.keys),
            fetched_at: now,
            due_at: now + kept,
        })));
    }

    fn complain(&self, error: &FetchError) {
        let causes = std::iter::successors(error.source(), |&error| error.source());
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        let usable = self.current().is_some();
        tracing::warn!(place = ?self.place, %error, ?causes, usable, "keys cannot be fetched");
    }

    /// How long until the next attempt is due: when the keys are to be renewed, or when the last failure is 30 s ago.
    async fn pause(&self) -> Duration {
        let now = self.clock.now();
        let renewed = self.held.borrow().as_ref().map(|held| held.due_at).filter(|due| *due > now);
        let again = self.attempted_at.lock().await.map_or(now, |at| at + COOL_DOWN);
        let pause = renewed.unwrap_or(again) - now;
        pause.to_std().unwrap_or_default().clamp(SHORTEST, MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{Hand, Provider, Signer, jwk};
    use futures_util::future::join_all;

    async fn provider() -> (Provider, Arc<Hand>, Arc<Jwks>) {
        let provider = Provider::start().await;
        provider.serve(&[jwk(&Signer::ed25519(), Some("a"))]);
        let clock = Arc::new(Hand::default());
        let place = Place::keys(&format!("{}/keys", provider.url)).unwrap();
        let jwks = Arc::new(Jwks::new(place, Fetcher::new().unwrap(), clock.clone()));
        (provider, clock, jwks)
    }

    async fn knows(jwks: &Arc<Jwks>, id: &str) -> bool {
        jwks.find(Some(id)).await.is_some_and(|keys| keys.knows(id))
    }

    #[tokio::test]
    async fn an_unknown_id_costs_one_request_in_30_seconds() {
        let (provider, clock, jwks) = provider().await;
        assert!(knows(&jwks, "a").await);
        for _ in 0..20 {
            assert!(!knows(&jwks, "b").await);
        }
        assert_eq!(provider.asked("/keys"), 1);
        clock.forward(29);
        assert!(!knows(&jwks, "b").await);
        assert_eq!(provider.asked("/keys"), 1);
        provider.serve(&[jwk(&Signer::ed25519(), Some("b"))]);
        clock.forward(1);
        assert!(knows(&jwks, "b").await, "a new key is found once the pause is over");
        assert!(!knows(&jwks, "a").await, "one that is no longer served is not believed");
        assert_eq!(provider.asked("/keys"), 2);
    }

    #[tokio::test]
    async fn many_at_once_share_one_request() {
        let (provider, _, jwks) = provider().await;
        provider.delay(100);
        let found = join_all((0..50).map(|_| knows(&jwks, "a"))).await;
        assert!(found.into_iter().all(|found| found));
        assert_eq!(provider.asked("/keys"), 1);
    }

    #[tokio::test]
    async fn a_caller_who_goes_away_does_not_take_the_attempt_along() {
        let (provider, _, jwks) = provider().await;
        provider.delay(200);
        let impatient = tokio::time::timeout(Duration::from_millis(20), jwks.find(Some("a"))).await;
        assert!(impatient.is_err());
        assert!(knows(&jwks, "a").await);
        assert_eq!(provider.asked("/keys"), 1);
    }

    #[tokio::test]
    async fn old_keys_serve_for_a_day_while_the_issuer_is_silent() {
        let (provider, clock, jwks) = provider().await;
        assert!(knows(&jwks, "a").await);
        provider.answer("/keys", 503, "");
        clock.forward(24 * 3600);
        assert!(knows(&jwks, "a").await);
        clock.forward(1);
        assert!(jwks.find(Some("a")).await.is_none());
        provider.serve(&[jwk(&Signer::ed25519(), Some("a"))]);
        clock.forward(30);
        assert!(knows(&jwks, "a").await, "it recovers by itself");
    }

    #[tokio::test]
    async fn keys_are_kept_as_long_as_the_issuer_says_within_bounds() {
        let (provider, clock, jwks) = provider().await;
        for (cache, seconds) in
            [("max-age=600", 600), ("max-age=86400", 3600), ("no-cache", 300), ("max-age=1", 300)]
        {
            clock.forward(30);
            provider.cache(cache);
            jwks.refresh().await;
            assert_eq!(jwks.pause().await, Duration::from_secs(seconds), "{cache}");
        }
        provider.answer("/keys", 503, "");
        clock.forward(3600);
        jwks.refresh().await;
        assert_eq!(jwks.pause().await, Duration::from_secs(30), "a failure is tried again");
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_does_not_stop_attempts() {
        let (provider, clock, jwks) = provider().await;
        assert!(!knows(&jwks, "b").await);
        clock.forward(-3600);
        assert!(!knows(&jwks, "b").await);
        assert_eq!(provider.asked("/keys"), 2);
    }
}
