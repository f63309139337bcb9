//! What resolvers work with, and how they come by it.

use crate::audit::DraftReads;
use crate::auth::{Authenticator, Caller, Rights};
use crate::error::{Code, coded};
use crate::loaders::Loaders;
use crate::relay::CursorKey;
use crate::transport::RequestInfo;
use async_graphql::{Context, Result};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use waymark_domain::access::Action;
use waymark_domain::kernel::{Actor, Claim, CommandContext, PersonId};
use waymark_domain::ports::{AuditLog, Clock, EventFeed, Ids, Keys, Readers, Store};
use waymark_domain::privacy::Purpose;
use waymark_domain::progress::Policy;

/// The ports and figures that resolvers work with.
#[derive(Clone)]
pub struct Services {
    /// Commands.
    pub store: Arc<dyn Store>,
    /// Keys of mutations.
    pub keys: Arc<dyn Keys>,
    /// The audit log.
    pub audit: Arc<dyn AuditLog>,
    /// Queries.
    pub readers: Arc<dyn Readers>,
    /// The live feed.
    pub feed: Arc<dyn EventFeed>,
    /// Rights that change while something stays open.
    pub rights: Rights,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Protects cursors.
    pub cursors: CursorKey,
    /// What people can be asked to agree to.
    pub purposes: Arc<[Purpose]>,
    /// The figures by which levels are computed.
    pub policy: Policy,
}

/// The services of the schema.
pub(crate) fn services<'c>(ctx: &Context<'c>) -> Result<&'c Services> {
    ctx.data::<Services>()
}

/// What belongs to one request: who asks, in which request, and the batches of its look-ups.
pub(crate) struct RequestScope {
    viewer: Arc<Actor>,
    /// How the caller was let in; nobody outside of transport has it.
    entrance: Option<(Authenticator, Caller)>,
    info: RequestInfo,
    readers: Arc<dyn Readers>,
    /// Made at the first look-up: many requests need none.
    loaders: OnceLock<Loaders>,
    /// Actions of which a denial was noted.
    denied: Mutex<HashSet<String>>,
}

impl RequestScope {
    /// The scope of a request of this viewer.
    pub fn new(viewer: Arc<Actor>, info: RequestInfo, readers: Arc<dyn Readers>) -> Self {
        Self { viewer, entrance: None, info, readers, loaders: OnceLock::new(), denied: Mutex::default() }
    }

    /// The same for a caller who came through transport, so that their rights can be asked about again.
    pub fn entered(mut self, authenticator: Authenticator, caller: Caller) -> Self {
        self.entrance = Some((authenticator, caller));
        self
    }
}

/// The key under which the mutation of a request is done, and what became of it.
#[derive(Clone)]
pub(crate) struct Keyed {
    claim: Claim,
    refused: Arc<AtomicBool>,
}

impl Keyed {
    /// Nothing is done yet.
    pub fn new(claim: Claim) -> Self {
        Self { claim, refused: Arc::default() }
    }

    /// Its command was refused, or failed.
    pub fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    /// Whether its command was refused, or failed.
    pub fn refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Transport lets nobody through without; this is the second lock.
fn scope<'c>(ctx: &Context<'c>) -> Result<&'c RequestScope> {
    ctx.data::<RequestScope>().map_err(|_| coded(Code::Unauthenticated, "A valid access token is needed."))
}

/// The loaders of the request.
pub(crate) fn loaders<'c>(ctx: &Context<'c>) -> Result<&'c Loaders> {
    let (scope, services) = (scope(ctx)?, services(ctx)?);
    Ok(scope.loaders.get_or_init(|| {
        let drafts = DraftReads::new(services.audit.clone(), services.clock.clone(), scope.info.id);
        Loaders::new(scope.readers.clone(), scope.viewer.clone(), drafts)
    }))
}

/// Whether this is the first denial of the request for this action.
pub(crate) fn first_denial(ctx: &Context<'_>, action: &str) -> Result<bool> {
    let mut denied = scope(ctx)?.denied.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(denied.insert(action.to_owned()))
}

/// Who asks.
pub(crate) fn viewer<'c>(ctx: &Context<'c>) -> Result<&'c Actor> {
    Ok(&scope(ctx)?.viewer)
}

/// Waits until the viewer no longer reaches the person: for what stays open.
pub(crate) fn lost(
    ctx: &Context<'_>,
    action: Action,
    person: PersonId,
) -> Result<impl Future<Output = ()> + Send + use<>> {
    let rights = services(ctx)?.rights.clone();
    let entrance = scope(ctx)?.entrance.clone();
    Ok(Box::pin(async move {
        match entrance {
            Some((authenticator, caller)) => rights.lost(authenticator, caller, action, person).await,
            None => std::future::pending().await,
        }
    }))
}

/// What a command of this request carries.
pub(crate) fn command_context(ctx: &Context<'_>) -> Result<CommandContext> {
    let scope = scope(ctx)?;
    Ok(CommandContext {
        actor: Actor::clone(&scope.viewer),
        // Each mutation is one command.
        action: ctx.field().name().to_owned(),
        at: services(ctx)?.clock.now(),
        correlation: scope.info.id,
        trace: scope.info.trace.clone(),
        expected_version: None,
        claim: ctx.data_opt::<Keyed>().map(|keyed| keyed.claim),
    })
}
