//! Running one operation: one answer, or a stream of them.

use super::document::{Prepared, request_error};
use super::respond::{Cost, FAULT, Mapped, log_panic, map, map_mutation};
use super::{Gateway, RequestInfo};
use crate::auth::Caller;
use crate::engine::CostMeter;
use crate::error::{Code, coded};
use crate::services::Keyed;
use async_graphql::parser::types::OperationType;
use async_graphql::{Pos, Response as Answer};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a query or mutation may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// How often a stream asks whether its caller may still listen.
const CHECK: Duration = Duration::from_secs(1);

/// There is no answer: the operation took too long and was stopped.
pub(super) struct Deadline;

/// Runs a query or a mutation, which may bear a key.
pub(super) async fn run(
    gateway: &Gateway,
    prepared: Prepared,
    caller: &Caller,
    info: &RequestInfo,
    keyed: Option<Keyed>,
) -> Result<Mapped, Deadline> {
    let meter = prepared.tell_cost.then(CostMeter::default);
    let kind = prepared.operation;
    let several = kind == OperationType::Mutation && !prepared.single_field;
    let map = if several { map_mutation } else { map };
    let mut request = gateway.equip(prepared.into_request(), caller, info.clone());
    if let Some(meter) = &meter {
        request = request.data(meter.clone());
    }
    if let Some(keyed) = keyed {
        request = request.data(keyed);
    }
    let (metrics, began) = (&gateway.config.metrics, Instant::now());
    match tokio::time::timeout(DEADLINE, gateway.schema.execute(request)).await {
        Ok(answer) => {
            let outcome = if answer.errors.is_empty() { "ok" } else { "errors" };
            metrics.operation(kind, outcome, began.elapsed());
            Ok(map(answer, info).with_cost(meter.as_ref().map(Cost::of)))
        }
        Err(_) => {
            metrics.operation(kind, "deadline", began.elapsed());
            tracing::warn!(request = %info.id, "an operation took too long and was stopped");
            Err(Deadline)
        }
    }
}

/// Whether the operation fits the schema; if not, why.
pub(super) async fn validate(
    gateway: &Gateway,
    prepared: &Prepared,
    info: &RequestInfo,
) -> Result<(), Mapped> {
    let answer = gateway.schema.execute(prepared.validation()).await;
    if answer.errors.is_empty() { Ok(()) } else { Err(map(answer, info)) }
}

/// Runs any operation as a stream of answers, which ends with the operation, with the caller's token, and
/// when the process stops. A panic becomes a last answer.
pub(super) fn stream(
    gateway: &Arc<Gateway>,
    prepared: Prepared,
    caller: &Caller,
    info: RequestInfo,
) -> BoxStream<'static, Mapped> {
    let kind = prepared.operation;
    gateway.config.metrics.stream(kind);
    let bounded = kind != OperationType::Subscription;
    // On a socket this is its only place; an event stream of one answer has two while it is opened.
    let place = if bounded { gateway.places.take().map(Some) } else { Some(None) };
    let Some(place) = place else {
        let error = request_error(Code::Overloaded, "The service has more to do than it can; try again.");
        return stream::once(async move { map(Answer::from_errors(vec![error]), &info) }).boxed();
    };
    let meter = CostMeter::default();
    let tell_cost = prepared.tell_cost;
    let request = gateway.equip(prepared.into_request(), caller, info.clone()).data(meter.clone());
    let cost = move || tell_cost.then(|| Cost::of(&meter));
    let answers = AssertUnwindSafe(gateway.schema.execute_stream(request)).catch_unwind();
    let ended = over(gateway.clone(), caller.clone(), bounded.then_some(DEADLINE));
    let panicked = |cause: Box<dyn std::any::Any + Send>| {
        log_panic(cause.as_ref());
        Answer::from_errors(vec![coded(Code::Internal, FAULT).into_server_error(Pos::default())])
    };
    let mapped = answers.map(move |answer| {
        let _held = &place;
        map(answer.unwrap_or_else(panicked), &info).with_cost(cost())
    });
    mapped.take_until(ended.boxed()).boxed()
}

/// Until the caller's token ends, the process stops, or the time is over.
async fn over(gateway: Arc<Gateway>, caller: Caller, deadline: Option<Duration>) {
    let deadline = async {
        match deadline {
            Some(deadline) => tokio::time::sleep(deadline).await,
            None => std::future::pending().await,
        }
    };
    let expired = async {
        while gateway.authenticator.now() < caller.expires_at {
            let left = caller.expires_at - gateway.authenticator.now();
            tokio::time::sleep(left.to_std().unwrap_or(CHECK).max(Duration::from_millis(10))).await;
        }
    };
    tokio::select! {
        () = gateway.shutdown.cancelled() => {}
        () = expired => {}
        () = deadline => {}
    }
}
