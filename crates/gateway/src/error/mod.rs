//! What callers are told when something does not work.
//!
//! Expected refusals are data ([`UserError`]). Everything else is a top-level error with a [`Code`]; faults
//! are logged here, once, and told to nobody.

mod code;
mod user_error;

pub use code::{Code, coded, refuse};
pub use user_error::{UserError, UserErrorCode};

use crate::audit::note_refusal;
use crate::services::Keyed;
use async_graphql::{Context, Error};
use std::future::Future;
use waymark_domain::kernel::{Refusal, RefusalCode};
use waymark_domain::ports::{CommandError, PortError};

/// What callers are told of a fault; its cause goes to the log.
pub fn fault_of(error: &PortError) -> Error {
    match error {
        PortError::Conflict => coded(Code::Conflict, "Somebody else changed it meanwhile; read it again."),
        PortError::Unavailable(cause) => {
            tracing::error!(%cause, "the database does not answer");
            coded(Code::Unavailable, "The service is not available at the moment; try again.")
        }
        PortError::Internal(cause) => {
            tracing::error!(%cause, "a fault");
            coded(Code::Internal, "Something went wrong on our side.")
        }
    }
}

/// Runs a command: the one way from a mutation to a use case. Refusals become data, denials are noted in the audit log,
/// a lost race is tried once more.
///
/// # Errors
/// Faults, masked.
pub(crate) async fn command<T, F>(
    ctx: &Context<'_>,
    run: impl Fn() -> F + Send,
) -> async_graphql::Result<Result<T, Vec<UserError>>>
where
    F: Future<Output = Result<T, CommandError>> + Send,
{
    let mut result = run().await;
    if matches!(result, Err(CommandError::Port(PortError::Conflict))) {
        result = run().await;
    }
    if let (Err(_), Some(keyed)) = (&result, ctx.data_opt::<Keyed>()) {
        keyed.refuse();
    }
    if let Err(CommandError::Refused(refusals)) = &result {
        note_refusal(ctx, refusals).await?;
    }
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(CommandError::Refused(refusals)) => {
            Ok(Err(refusals.0.into_iter().map(UserError::from).collect()))
        }
        Err(CommandError::Port(PortError::Conflict)) => {
            let message = "Somebody else changed it at the same time; read it again and repeat.";
            Ok(Err(vec![Refusal::new(RefusalCode::Conflict, message).into()]))
        }
        Err(CommandError::Port(error)) => Err(fault_of(&error)),
    }
}
