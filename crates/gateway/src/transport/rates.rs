//! How much one caller may ask for: points, which are what operations cost, out of a bucket for each subject of a tenant
//! that fills again steadily. In memory, so each process has its own; the number of buckets is bounded.

use crate::engine::{Charge, Payer};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use quick_cache::sync::Cache;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use waymark_domain::kernel::ActorId;

/// Most callers of whom it is known what they used; of others nothing was used.
const MOST_CALLERS: usize = 100_000;

/// Seconds in which an empty bucket is full again.
const WINDOW: f64 = 60.0;

/// The buckets of all callers.
pub(super) struct Rates {
    /// Points of a minute, which is also what a bucket holds; 0 for no bound.
    per_minute: u32,
    buckets: Cache<ActorId, Arc<Bucket>>,
}

/// What one caller has left.
pub(crate) struct Bucket {
    per_minute: u32,
    left: Mutex<(f64, Instant)>,
}

/// One caller's bucket, in one request.
#[derive(Clone)]
pub(crate) struct Purse(Option<Arc<Bucket>>);

impl Rates {
    /// So many points a minute for each caller; 0 for no bound.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, buckets: Cache::new(MOST_CALLERS) }
    }

    /// The purse of a caller.
    pub fn purse(&self, caller: ActorId) -> Purse {
        if self.per_minute == 0 {
            return Purse(None);
        }
        let per_minute = self.per_minute;
        let fresh = || {
            let left = Mutex::new((f64::from(per_minute), Instant::now()));
            Ok::<_, std::convert::Infallible>(Arc::new(Bucket { per_minute, left }))
        };
        Purse(self.buckets.get_or_insert_with(&caller, fresh).ok())
    }
}

impl Bucket {
    /// Takes points, or says how long it takes until there are as many. More than a bucket holds empties it.
    fn take(&self, points: usize, now: Instant) -> Result<(), Duration> {
        let (full, rate) = (f64::from(self.per_minute), f64::from(self.per_minute) / WINDOW);
        let wanted = u32::try_from(points).map_or(full, f64::from).min(full);
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.saturating_duration_since(left.1).as_secs_f64();
        let there = (left.0 + since * rate).min(full);
        if there < wanted {
            *left = (there, now);
            return Err(Duration::from_secs_f64((wanted - there) / rate));
        }
        *left = (there - wanted, now);
        Ok(())
    }

    /// What is left now, and how long it takes until the bucket is full.
    fn state(&self, now: Instant) -> (f64, f64) {
        let (full, rate) = (f64::from(self.per_minute), f64::from(self.per_minute) / WINDOW);
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let there = (left.0 + now.saturating_duration_since(left.1).as_secs_f64() * rate).min(full);
        (there, (full - there) / rate)
    }
}

impl Charge for Purse {
    fn charge(&self, points: usize) -> Result<(), Duration> {
        self.0.as_ref().map_or(Ok(()), |bucket| bucket.take(points, Instant::now()))
    }
}

impl Purse {
    /// Whoever pays for an operation of this caller; nobody where there is no bound.
    pub fn payer(self) -> Option<Payer> {
        self.0.is_some().then(|| Payer(Box::new(self)))
    }

    /// Says in the answer what there is and what is left, as draft-ietf-httpapi-ratelimit-headers-03 names it.
    pub fn tell(&self, response: &mut Response) {
        let Some(bucket) = &self.0 else { return };
        let (left, full_after) = bucket.state(Instant::now());
        let headers = response.headers_mut();
        for (name, value) in [
            ("ratelimit-limit", bucket.per_minute.to_string()),
            ("ratelimit-remaining", format!("{:.0}", left.floor())),
            ("ratelimit-reset", format!("{:.0}", full_after.ceil())),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn bucket(per_minute: u32, now: Instant) -> Bucket {
        Bucket { per_minute, left: Mutex::new((f64::from(per_minute), now)) }
    }

    #[test]
    fn a_bucket_is_used_up_and_fills_again() {
        let now = Instant::now();
        let bucket = bucket(600, now);
        assert_eq!(bucket.take(599, now), Ok(()));
        assert_eq!(bucket.take(1, now), Ok(()));
        assert_eq!(bucket.take(20, now), Err(Duration::from_secs(2)), "ten points a second");
        assert!(bucket.take(20, now + Duration::from_millis(1_900)).is_err());
        assert_eq!(bucket.take(20, now + Duration::from_millis(2_001)), Ok(()));
        assert!(
            bucket.take(600, now + Duration::from_secs(600)).is_ok(),
            "no more than a bucket is saved up"
        );
        assert!(bucket.take(1, now + Duration::from_secs(600)).is_err());
    }

    #[test]
    fn what_is_refused_uses_nothing_up() {
        let now = Instant::now();
        let bucket = bucket(100, now);
        assert_eq!(bucket.take(90, now), Ok(()));
        for _ in 0..100 {
            assert!(bucket.take(50, now).is_err());
        }
        assert_eq!(bucket.take(10, now), Ok(()));
    }

    #[test]
    fn an_operation_that_costs_more_than_a_bucket_holds_takes_a_full_one() {
        let now = Instant::now();
        let bucket = bucket(100, now);
        assert_eq!(bucket.take(5_000, now), Ok(()));
        assert!(bucket.take(1, now).is_err());
    }

    #[test]
    fn callers_have_buckets_of_their_own_and_without_a_bound_none() {
        let caller = |number| ActorId::from(Uuid::from_u128(number));
        let rates = Rates::new(10);
        assert!(rates.purse(caller(1)).charge(10).is_ok());
        assert!(rates.purse(caller(1)).charge(10).is_err());
        assert!(rates.purse(caller(2)).charge(10).is_ok());
        let free = Rates::new(0);
        for _ in 0..1_000 {
            assert!(free.purse(caller(1)).charge(5_000).is_ok());
        }
    }
}
