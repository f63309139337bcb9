//! The envelope: CloudEvents 1.0, Kafka protocol binding, binary content mode.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Version of the CloudEvents specification that the headers follow.
pub const SPEC_VERSION: &str = "1.0";

/// Media type of every value.
pub const CONTENT_TYPE: &str = "application/json";

/// What links an event to the request and the events that led to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceHeaders {
    /// W3C Trace Context `traceparent`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub traceparent: Option<String>,
    /// W3C Trace Context `tracestate`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tracestate: Option<String>,
    /// The request that caused the event.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub correlationid: Option<String>,
    /// The event that caused this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub causationid: Option<String>,
    /// Pseudonymous id of whoever acted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actorid: Option<String>,
}

/// One event as it lies in the log and goes to its topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Place in the log. Not an order between keys: see [`Record::sequence`].
    pub seq: i64,
    /// Identifies the event; the same on every redelivery (UUID version 7).
    pub id: Uuid,
    /// Key of the tenant; becomes the source `/waymark/<tenant>`.
    pub tenant: String,
    /// `career.<name>.v<n>`.
    pub event_type: String,
    /// Name of the topic.
    pub topic: String,
    /// Message key: the id of the person, team or framework that the event belongs to.
    pub key: String,
    /// What the event is about, for instance `evidence/<id>`.
    pub subject: String,
    /// 1, 2, 3, ... without gaps for each key of a topic.
    pub sequence: i64,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// Links to causes.
    pub trace: TraceHeaders,
    /// The payload as JSON text; empty for a tombstone, by which a compacted topic forgets the key.
    pub data: String,
}

/// What the compacted topics are to say of one person from now on, on its way out of an outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The tenant.
    pub tenant: Uuid,
    /// Key of the tenant.
    pub tenant_key: String,
    /// The person.
    pub person: Uuid,
    /// The shard of the outbox in which the person lies.
    pub shard: i16,
    /// Names the change that is told: a later one has another.
    pub mark: Uuid,
    /// When that change was.
    pub at: DateTime<Utc>,
    /// What is to be said.
    pub records: Vec<Record>,
}

impl Record {
    /// Source of a tenant's events.
    #[must_use]
    pub fn source(&self) -> String {
        format!("/waymark/{}", self.tenant)
    }

    /// Names the JSON Schema of the payload.
    #[must_use]
    pub fn dataschema(&self) -> String {
        crate::schema::uri(&self.event_type)
    }

    /// Whether the message has no value.
    #[must_use]
    pub fn is_tombstone(&self) -> bool {
        self.data.is_empty()
    }

    /// The Kafka headers of the message, in a fixed order.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let content = (!self.is_tombstone()).then(|| ("content-type", CONTENT_TYPE.to_owned()));
        let mut headers: Vec<_> = content.into_iter().collect();
        headers.extend([
            ("ce_specversion", SPEC_VERSION.to_owned()),
            ("ce_id", self.id.to_string()),
            ("ce_source", self.source()),
            ("ce_type", self.event_type.clone()),
            ("ce_time", self.time.to_rfc3339_opts(SecondsFormat::Micros, true)),
            ("ce_subject", self.subject.clone()),
            ("ce_dataschema", self.dataschema()),
            ("ce_partitionkey", self.key.clone()),
            ("ce_sequence", self.sequence.to_string()),
        ]);
        let links = [
            ("ce_traceparent", &self.trace.traceparent),
            ("ce_tracestate", &self.trace.tracestate),
            ("ce_correlationid", &self.trace.correlationid),
            ("ce_causationid", &self.trace.causationid),
            ("ce_actorid", &self.trace.actorid),
        ];
        headers.extend(links.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        headers
    }
}
