//! What an operation costs: one for each field, lists times their entries.

use crate::error::Code;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation};
use async_graphql::{ErrorExtensionValues, Response, ServerError, ValidationResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The most that one operation may cost.
pub(crate) const MAX_COST: usize = 5_000;

/// Takes the cost of one request, for whoever wants to know it.
#[derive(Debug, Clone, Default)]
pub(crate) struct CostMeter(Arc<AtomicUsize>);

impl CostMeter {
    /// What the operation costs; 0 when it was not valid.
    pub fn read(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Marks a request that is validated and not executed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnlyValidate;

/// How many entities an operation asks for by their representations: the engine's own field for them does not
/// say what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entities(pub usize);

/// What is to happen once an operation is known to be valid.
pub(crate) struct WhenValid(pub Box<dyn Fn() + Send + Sync>);

/// Pays for operations.
pub(crate) trait Charge: Send + Sync {
    /// Takes points, or says how long it takes until there are as many.
    fn charge(&self, points: usize) -> Result<(), Duration>;
}

/// Who pays for this request.
pub(crate) struct Payer(pub Box<dyn Charge>);

/// An operation that its caller cannot pay for now.
pub(crate) fn rate_limited(wait: Duration) -> ServerError {
    // Whole seconds, and never none: who comes again at once comes too early.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let message = format!("You have asked for much; go on in {} s.", seconds.max(1));
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", Code::RateLimited.name());
    extensions.set("retryAfter", seconds.max(1));
    ServerError { extensions: Some(extensions), ..ServerError::new(message, None) }
}

/// Refuses what costs too much, before anything is executed.
pub(crate) struct CostLimit;

impl ExtensionFactory for CostLimit {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for CostLimit {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let mut valid = next.run(ctx).await?;
        if let Some(Entities(count)) = ctx.data_opt::<Entities>() {
            valid.complexity = valid.complexity.saturating_mul((*count).max(1));
        }
        if let Some(meter) = ctx.data_opt::<CostMeter>() {
            meter.0.store(valid.complexity, Ordering::Relaxed);
        }
        if valid.complexity > MAX_COST {
            let message = format!("The operation costs {}; at most {MAX_COST} is allowed.", valid.complexity);
            let mut extensions = ErrorExtensionValues::default();
            extensions.set("code", Code::QueryTooComplex.name());
            return Err(vec![ServerError {
                extensions: Some(extensions),
                ..ServerError::new(message, None)
            }]);
        }
        if let Some(Payer(payer)) = ctx.data_opt::<Payer>() {
            payer.charge(valid.complexity).map_err(|wait| vec![rate_limited(wait)])?;
        }
        if let Some(WhenValid(act)) = ctx.data_opt::<WhenValid>() {
            act();
        }
        Ok(valid)
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        match ctx.data_opt::<OnlyValidate>() {
            Some(OnlyValidate) => Response::default(),
            None => next.run(ctx, operation).await,
        }
    }
}
