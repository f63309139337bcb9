//! The rules by which claims hold, once the signature does.

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use waymark_domain::kernel::Tenant;

/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 30;

/// Longest subject, in bytes.
const MAX_SUBJECT: usize = 255;

/// What a token that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The issuer's tenant.
    pub tenant: Tenant,
    /// `sub`: the external id of a person.
    pub subject: String,
    /// `exp`.
    pub expires_at: DateTime<Utc>,
}

/// Claims beside `aud`, which is compared together with the signature.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
}

impl Claims {
    /// Subject and end of the token, if it holds at this moment and lives no longer than this.
    pub fn check(
        self,
        issuer: &str,
        max_lifetime: Duration,
        now: DateTime<Utc>,
    ) -> Result<(String, DateTime<Utc>), &'static str> {
        let subject = &self.sub;
        let speakable =
            !subject.is_empty() && subject.len() <= MAX_SUBJECT && !subject.contains(char::is_control);
        if self.iss != issuer || !speakable {
            return Err("issuer or subject do not hold");
        }
        let now = now.timestamp();
        if self.exp <= now - LEEWAY {
            return Err("expired");
        }
        if self.nbf.is_some_and(|nbf| nbf > now + LEEWAY) {
            return Err("not yet valid");
        }
        let iat = self.iat.ok_or("no time of issue")?;
        if iat > now + LEEWAY {
            return Err("issued in the future");
        }
        let lifetime = self.exp.checked_sub(iat).ok_or("times out of range")?;
        if lifetime > max_lifetime.num_seconds() {
            return Err("lives too long");
        }
        let expires_at = DateTime::from_timestamp(self.exp, 0).ok_or("times out of range")?;
        Ok((self.sub, expires_at))
    }
}
