//! What the benchmark of the transport needs and the product must not have.

use crate::auth::Authenticator;
use crate::services::{RequestScope, Services};
use crate::transport::RequestInfo;
use async_graphql::Executor;
use std::sync::Arc;
use waymark_domain::kernel::{Actor, TraceContext};
use waymark_domain::ports::Clock;

/// The schema as async-graphql-axum's service takes it: whoever asks is this actor.
#[must_use]
pub fn schema(services: Services, actor: Actor) -> impl Executor {
    let info = RequestInfo { id: services.ids.next(), trace: TraceContext::default() };
    let scope = RequestScope::new(Arc::new(actor), info, services.readers.clone());
    crate::schema::builder().data(services).data(scope).finish()
}

/// Lets everybody in as this actor, so that the transport is measured and not the check of tokens.
#[must_use]
pub fn everybody(actor: Actor, clock: Arc<dyn Clock>) -> Authenticator {
    Authenticator::everybody(actor, clock)
}
