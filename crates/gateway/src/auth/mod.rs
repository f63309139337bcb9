//! Who asks: from a bearer token to an actor.
//!
//! [`Verifier`] checks a token by strict rules; [`Authenticator`] asks the directory what its subject may do
//! now. Whatever is wrong, callers get one and the same answer.

mod verifier;

pub use verifier::{IssuerConfig, Verified, Verifier};

use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;
use waymark_domain::kernel::{Actor, Tenant};
use waymark_domain::ports::{Clock, Directory, PortError};

/// How long the directory may take: whoever waits for a database that is silent gets to know it.
const DIRECTORY: Duration = Duration::from_secs(5);

/// Why somebody is not let in.
#[derive(Debug)]
pub enum AuthError {
    /// No token, or one that does not hold. Which of it is for the log alone.
    Unauthenticated(&'static str),
    /// The directory does not answer.
    Fault(PortError),
}

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is and what they may do.
    pub actor: Arc<Actor>,
    /// When their token ends.
    pub expires_at: DateTime<Utc>,
}

/// How somebody is let in.
#[derive(Clone)]
enum Gate {
    /// By a token, as whom the directory knows by its subject.
    Tokens { verifier: Arc<Verifier>, directory: Arc<dyn Directory> },
    /// Everybody is this actor: for the benchmark of what comes after.
    #[cfg(feature = "bench")]
    Open(Arc<Actor>),
}

/// Lets callers in.
#[derive(Clone)]
pub struct Authenticator {
    gate: Gate,
    clock: Arc<dyn Clock>,
    tenant: Tenant,
}

impl Authenticator {
    /// Lets in whoever has a valid token of the issuer, into this tenant.
    #[must_use]
    pub fn new(
        verifier: Verifier,
        directory: Arc<dyn Directory>,
        clock: Arc<dyn Clock>,
        tenant: Tenant,
    ) -> Self {
        Self { gate: Gate::Tokens { verifier: Arc::new(verifier), directory }, clock, tenant }
    }

    /// Lets everybody in as this actor.
    #[cfg(feature = "bench")]
    pub(crate) fn everybody(actor: Actor, clock: Arc<dyn Clock>) -> Self {
        let tenant = actor.tenant.clone();
        Self { gate: Gate::Open(Arc::new(actor)), clock, tenant }
    }

    /// The caller behind an `Authorization` header.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub async fn authenticate(&self, authorization: Option<&str>) -> Result<Caller, AuthError> {
        let (verifier, directory) = match &self.gate {
            Gate::Tokens { verifier, directory } => (verifier, directory),
            #[cfg(feature = "bench")]
            Gate::Open(actor) => {
                let expires_at = self.clock.now() + chrono::Duration::hours(1);
                return Ok(Caller { actor: actor.clone(), expires_at });
            }
        };
        let header = authorization.ok_or(AuthError::Unauthenticated("no token"))?;
        let (scheme, token) = header.split_once(' ').ok_or(AuthError::Unauthenticated("no bearer token"))?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(AuthError::Unauthenticated("no bearer token"));
        }
        let now = self.clock.now();
        let Verified { subject, expires_at } =
            verifier.verify(token.trim(), now).map_err(AuthError::Unauthenticated)?;
        let asked = tokio::time::timeout(DIRECTORY, directory.actor(&self.tenant, &subject, now)).await;
        let silent = |_| AuthError::Fault(PortError::Unavailable("the directory is silent".into()));
        let actor = asked.map_err(silent)?.map_err(AuthError::Fault)?;
        Ok(Caller { actor: Arc::new(actor), expires_at })
    }

    /// The time by which tokens are judged.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
