//! Who asks: from a bearer token to an actor.
//!
//! [`Issuers`] finds out whose token it is and checks it by strict rules; [`Authenticator`] asks the directory
//! what its subject may do now. Whatever is wrong, callers get one and the same answer. The reasons are in
//! `docs/adr/0012-issuers-and-keys.md`.

mod claims;
mod fetch;
mod issuer;
mod jwks;
mod key;
mod key_set;
mod rights;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod token;

pub use claims::Verified;
pub use fetch::FetchError;
pub use issuer::{IssuerConfig, IssuerError, Issuers, KeySource};
pub use key::{KeyError, PublicKey};
pub use rights::Rights;

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
    /// Nobody can say whether the token holds: no keys of its issuer have come yet, or they are too old.
    NoKeys,
    /// The directory does not answer.
    Fault(PortError),
}

impl AuthError {
    /// Logs what is our fault and not the caller's.
    pub(crate) fn log(&self) {
        match self {
            Self::Unauthenticated(_) => {}
            // Why they have not come was logged when they were fetched.
            Self::NoKeys => tracing::warn!("an issuer's keys are not there: its tokens cannot be checked"),
            Self::Fault(error) => drop(crate::error::fault_of(error)),
        }
    }
}

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is and what they may do.
    pub actor: Arc<Actor>,
    /// The subject of their token.
    pub subject: Arc<str>,
    /// When their token ends.
    pub expires_at: DateTime<Utc>,
}

/// How somebody is let in.
#[derive(Clone)]
enum Gate {
    /// By a token, as whom the directory knows by its subject.
    Tokens { issuers: Arc<Issuers>, directory: Arc<dyn Directory> },
    /// Everybody is this actor: for the benchmark of what comes after.
    #[cfg(feature = "bench")]
    Open(Arc<Actor>),
}

/// Lets callers in.
#[derive(Clone)]
pub struct Authenticator {
    gate: Gate,
    clock: Arc<dyn Clock>,
}

impl Authenticator {
    /// Lets in whoever has a valid token of one of the issuers, into that issuer's tenant.
    #[must_use]
    pub fn new(issuers: Arc<Issuers>, directory: Arc<dyn Directory>, clock: Arc<dyn Clock>) -> Self {
        Self { gate: Gate::Tokens { issuers, directory }, clock }
    }

    /// Lets everybody in as this actor.
    #[cfg(feature = "bench")]
    pub(crate) fn everybody(actor: Actor, clock: Arc<dyn Clock>) -> Self {
        Self { gate: Gate::Open(Arc::new(actor)), clock }
    }

    /// The caller behind an `Authorization` header.
    ///
    /// # Errors
    /// See [`AuthError`].
    pub async fn authenticate(&self, authorization: Option<&str>) -> Result<Caller, AuthError> {
        let (issuers, directory) = match &self.gate {
            Gate::Tokens { issuers, directory } => (issuers, directory),
            #[cfg(feature = "bench")]
            Gate::Open(actor) => {
                let expires_at = self.clock.now() + chrono::Duration::hours(1);
                return Ok(Caller { actor: actor.clone(), subject: "".into(), expires_at });
            }
        };
        let header = authorization.ok_or(AuthError::Unauthenticated("no token"))?;
        let (scheme, token) = header.split_once(' ').ok_or(AuthError::Unauthenticated("no bearer token"))?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(AuthError::Unauthenticated("no bearer token"));
        }
        let Verified { tenant, subject, expires_at } = issuers.verify(token.trim()).await?;
        let actor = self.look_up(&**directory, &tenant, &subject).await?;
        let actor = actor.ok_or(AuthError::Unauthenticated("not a member of the tenant"))?;
        Ok(Caller { actor, subject: subject.into(), expires_at })
    }

    /// What somebody who was let in earlier may do now; `None` if they are no longer a member of their tenant.
    ///
    /// # Errors
    /// When the directory does not answer.
    pub async fn again(&self, caller: &Caller) -> Result<Option<Arc<Actor>>, AuthError> {
        match &self.gate {
            Gate::Tokens { directory, .. } => {
                self.look_up(&**directory, &caller.actor.tenant, &caller.subject).await
            }
            #[cfg(feature = "bench")]
            Gate::Open(actor) => Ok(Some(actor.clone())),
        }
    }

    async fn look_up(
        &self,
        directory: &dyn Directory,
        tenant: &Tenant,
        subject: &str,
    ) -> Result<Option<Arc<Actor>>, AuthError> {
        let asked = tokio::time::timeout(DIRECTORY, directory.actor(tenant, subject, self.clock.now())).await;
        let silent = |_| AuthError::Fault(PortError::Unavailable("the directory is silent".into()));
        let actor = asked.map_err(silent)?.map_err(AuthError::Fault)?;
        Ok(actor.is_member().then(|| Arc::new(actor)))
    }

    /// Whether there is an issuer at all whose tokens can be checked.
    #[must_use]
    pub fn ready(&self) -> bool {
        match &self.gate {
            Gate::Tokens { issuers, .. } => issuers.ready(),
            #[cfg(feature = "bench")]
            Gate::Open(_) => true,
        }
    }

    /// The time by which tokens are judged.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
