//! What an operation costs: one for each field, lists times their entries.

use crate::error::Code;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation};
use async_graphql::{ErrorExtensionValues, Response, ServerError, ValidationResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
