//! The one home of the system's clock, of new ids and of randomness.

use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};
use uuid::Uuid;
use waymark_domain::ports::{Clock, Ids};

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // this is the home of the clock
    fn now(&self) -> DateTime<Utc> {
        // What the database keeps: microseconds. A finer time would not equal itself once stored.
        let now = DateTime::<Utc>::from(std::time::SystemTime::now());
        chrono::DurationRound::duration_trunc(now, chrono::Duration::microseconds(1)).unwrap_or(now)
    }
}

/// New ids in time order.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[allow(clippy::disallowed_methods)] // this is the home of new ids
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// 32 random bytes, for a key or a secret.
///
/// # Errors
/// When the system has no randomness.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow!("there is no randomness"))?;
    Ok(bytes)
}
