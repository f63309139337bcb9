//! Operations as metrics. Labels are words of ours alone: nothing that a client sent or a tenant has.

use async_graphql::parser::types::OperationType;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    kind: &'static str,
    outcome: &'static str,
}

/// Counters of the operations of one gateway, readable while it serves. Clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    operations: Family<Outcome, Counter>,
    seconds: Family<Kind, Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        // 1 ms to 16 s: the deadline is 10 s.
        let seconds = Family::new_with_constructor(
            (|| Histogram::new(exponential_buckets(0.001, 2.0, 15))) as fn() -> Histogram,
        );
        Self { operations: Family::default(), seconds }
    }
}

impl Metrics {
    /// Shows the metrics in this registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "waymark_graphql_operations",
            "Operations by kind and outcome: ok, errors (some were told), deadline, streamed",
            self.operations.clone(),
        );
        registry.register(
            "waymark_graphql_operation_seconds",
            "How long queries and mutations took, from the engine's start to its answer",
            self.seconds.clone(),
        );
    }

    /// Notes a query or mutation.
    pub(super) fn operation(&self, operation: OperationType, outcome: &'static str, took: Duration) {
        let kind = name(operation);
        self.operations.get_or_create(&Outcome { kind, outcome }).inc();
        self.seconds.get_or_create(&Kind { kind }).observe(took.as_secs_f64());
    }

    /// Notes an operation whose answers come as a stream.
    pub(super) fn stream(&self, operation: OperationType) {
        self.operations.get_or_create(&Outcome { kind: name(operation), outcome: "streamed" }).inc();
    }
}

fn name(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}
