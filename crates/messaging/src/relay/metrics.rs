//! What a relay has done so far, as metrics.

use super::batch::Verdict;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::time::Duration;

/// Counters of one relay, readable while it runs. Clones count together. No label bears anything of a tenant.
#[derive(Debug, Clone)]
pub struct RelayMetrics {
    /// Messages that the broker acknowledged.
    pub produced: Counter,
    /// Messages whose delivery failed or is unknown, and that are published again.
    pub failed: Counter,
    /// Messages that the broker refused for good; each blocks its stream.
    pub refused: Counter,
    /// Turns that failed as a whole, for the database or the broker.
    pub failed_turns: Counter,
    /// How often the producer's queue was full.
    pub queue_full: Counter,
    /// Producers that failed for good and were replaced.
    pub fatal_errors: Counter,
    /// Shards that this relay got.
    pub lease_moves: Counter,
    /// Shards that this relay holds.
    pub leases: Gauge,
    /// Seconds from handing a batch over to its last acknowledgement.
    pub produce_seconds: Histogram,
}

impl Default for RelayMetrics {
    fn default() -> Self {
        Self {
            produced: Counter::default(),
            failed: Counter::default(),
            refused: Counter::default(),
            failed_turns: Counter::default(),
            queue_full: Counter::default(),
            fatal_errors: Counter::default(),
            lease_moves: Counter::default(),
            leases: Gauge::default(),
            // 1 ms to 131 s.
            produce_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 18)),
        }
    }
}

impl RelayMetrics {
    /// Shows the metrics in this registry.
    pub fn register(&self, registry: &mut Registry) {
        let counters = [
            ("produced", "Messages that the broker acknowledged", &self.produced),
            (
                "failed",
                "Messages that are published again: their delivery failed or is unknown",
                &self.failed,
            ),
            ("refused", "Messages that the broker refused for good", &self.refused),
            ("failed_turns", "Turns that failed as a whole and were tried again", &self.failed_turns),
            ("queue_full", "How often the queue of the producer was full", &self.queue_full),
            ("fatal_errors", "Producers that failed for good and were replaced", &self.fatal_errors),
            ("lease_moves", "Shards that this relay got from another one, or first", &self.lease_moves),
        ];
        for (name, help, counter) in counters {
            registry.register(format!("waymark_relay_{name}"), help, counter.clone());
        }
        registry.register("waymark_relay_leases", "Shards that this relay holds", self.leases.clone());
        registry.register(
            "waymark_relay_produce_seconds",
            "From handing a batch over to its last acknowledgement",
            self.produce_seconds.clone(),
        );
    }

    pub(super) fn batch(&self, took: Duration, verdicts: &[Verdict]) {
        let count =
            |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| wanted(verdict)).count() as u64;
        self.produce_seconds.observe(took.as_secs_f64());
        self.produced.inc_by(count(|verdict| *verdict == Verdict::Acknowledged));
        self.failed.inc_by(count(|verdict| *verdict == Verdict::Unknown));
        self.refused.inc_by(count(|verdict| matches!(verdict, Verdict::Refused(_))));
    }
}
