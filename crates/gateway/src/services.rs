//! What resolvers work with, and how they come by it.

use crate::error::{Code, coded};
use crate::loaders::Loaders;
use crate::relay::CursorKey;
use crate::transport::RequestInfo;
use async_graphql::{Context, Result};
use std::sync::Arc;
use waymark_domain::kernel::{Actor, CommandContext};
use waymark_domain::ports::{Clock, EventFeed, Ids, Readers, Store};
use waymark_domain::progress::Policy;

/// The ports and figures that resolvers work with.
#[derive(Clone)]
pub struct Services {
    /// Commands.
    pub store: Arc<dyn Store>,
    /// Queries.
    pub readers: Arc<dyn Readers>,
    /// The live feed.
    pub feed: Arc<dyn EventFeed>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Protects cursors.
    pub cursors: CursorKey,
    /// The figures by which levels are computed.
    pub policy: Policy,
}

/// The services of the schema.
pub(crate) fn services<'c>(ctx: &Context<'c>) -> Result<&'c Services> {
    ctx.data::<Services>()
}

/// The loaders of the request.
pub(crate) fn loaders<'c>(ctx: &Context<'c>) -> Result<&'c Loaders> {
    ctx.data::<Loaders>()
}

/// Who asks. Transport lets nobody through without; this is the second lock.
pub(crate) fn viewer<'c>(ctx: &Context<'c>) -> Result<&'c Actor> {
    ctx.data::<Actor>().map_err(|_| coded(Code::Unauthenticated, "A valid access token is needed."))
}

/// What a command of this request carries.
pub(crate) fn command_context(ctx: &Context<'_>) -> Result<CommandContext> {
    let request = ctx.data::<RequestInfo>()?;
    Ok(CommandContext {
        actor: viewer(ctx)?.clone(),
        at: services(ctx)?.clock.now(),
        correlation: request.id,
        trace: request.trace.clone(),
    })
}
