//! The whole contract as one AsyncAPI 3.0 document: topics, keys, headers, payloads and examples. Golden in
//! `crates/events/asyncapi.json`.

use crate::record::{CONTENT_TYPE, SPEC_VERSION};
use crate::{CATALOGUE, Cleanup, EventType, Topic, example, schema};
use serde_json::{Map, Value, json};

/// Version of the Kafka bindings that the document follows.
const BINDING: &str = "0.5.0";

const MILLISECONDS_A_DAY: i64 = 86_400_000;

const ORDER: &str = "Facts about careers in the past tense: ids, keys, dates, levels and scores, never a name or \
     anything that somebody wrote. A key of a topic is in order, and its events count 1, 2, 3, ... in ce_sequence; \
     different keys and different topics are in no order. Delivery is at least once, with the same ce_id and \
     ce_sequence each time. Ignore fields and types that you do not know.";

/// The document as JSON text with a final newline.
///
/// # Errors
/// When an example or a schema cannot be written as JSON.
pub fn text() -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(&document()?)? + "\n")
}

/// The document.
///
/// # Errors
/// When an example or a schema cannot be written as JSON.
pub fn document() -> serde_json::Result<Value> {
    let messages = CATALOGUE.iter().map(|event| Ok((event.name.to_owned(), message(event)?)));
    let messages: Map<String, Value> = messages.collect::<serde_json::Result<_>>()?;
    let channels: Map<String, Value> =
        Topic::ALL.into_iter().map(|topic| (topic.name().to_owned(), channel(topic))).collect();
    let operations: Map<String, Value> =
        Topic::ALL.into_iter().map(|topic| (format!("publish.{}", topic.name()), operation(topic))).collect();
    Ok(json!({
        "asyncapi": "3.0.0",
        "id": "urn:waymark:events",
        "info": {
            "title": "Waymark events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ORDER,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"CloudEventHeaders": headers()}},
    }))
}

/// The events of a topic, each by its name.
fn events(topic: Topic) -> impl Iterator<Item = &'static EventType> {
    CATALOGUE.iter().filter(move |event| event.topic == topic)
}

fn channel(topic: Topic) -> Value {
    let reference =
        |event: &EventType| json!({"$ref": format!("#/components/messages/{}", pointer(event.name))});
    let messages: Map<String, Value> =
        events(topic).map(|event| (event.name.to_owned(), reference(event))).collect();
    json!({
        "address": topic.name(),
        "description": topic.description(),
        "messages": messages,
        "bindings": {"kafka": {
            "topic": topic.name(),
            "partitions": Topic::PARTITIONS,
            "topicConfiguration": configuration(topic),
            "bindingVersion": BINDING,
        }},
    })
}

fn configuration(topic: Topic) -> Value {
    match topic.cleanup() {
        Cleanup::Delete { days } => {
            json!({"cleanup.policy": ["delete"], "retention.ms": days * MILLISECONDS_A_DAY})
        }
        Cleanup::Compact { days } => {
            json!({"cleanup.policy": ["compact"], "max.compaction.lag.ms": days * MILLISECONDS_A_DAY})
        }
    }
}

fn operation(topic: Topic) -> Value {
    json!({
        "action": "send",
        "channel": {"$ref": format!("#/channels/{}", pointer(topic.name()))},
        "summary": format!("Waymark publishes to {}.", topic.name()),
    })
}

/// A name as part of a JSON pointer. Names have neither `~` nor `/`; should one get them, it is still right.
fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn message(event: &EventType) -> serde_json::Result<Value> {
    let record = example::record(event)?;
    let headers: Map<String, Value> =
        record.headers().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut payload = (event.schema)();
    let about = payload.get("description").cloned().unwrap_or_default();
    // AsyncAPI names the dialect by the schema's format. What the payloads use means the same in both dialects.
    payload.remove("$schema");
    payload.insert("$id".to_owned(), schema::uri(event.name).into());
    Ok(json!({
        "name": event.name,
        "title": payload.get("title"),
        "summary": about,
        "contentType": CONTENT_TYPE,
        "correlationId": {
            "description": "The request that caused the event.",
            "location": "$message.header#/ce_correlationid",
        },
        "headers": {"allOf": [
            {"$ref": "#/components/schemas/CloudEventHeaders"},
            {"type": "object", "properties": {
                "ce_type": {"const": event.name},
                "ce_dataschema": {"const": schema::uri(event.name)},
            }},
        ]},
        "payload": payload,
        "bindings": {"kafka": {
            "key": {"type": "string", "format": "uuid", "description": format!("Id of the {}.", event.key)},
            "bindingVersion": BINDING,
        }},
        "examples": [{
            "name": event.name,
            "summary": format!("Key {}", record.key),
            "headers": headers,
            "payload": serde_json::from_str::<Value>(&record.data)?,
        }],
    }))
}

/// What is true of the headers of every message.
fn headers() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    let of = |format: &str, about: &str| json!({"type": "string", "format": format, "description": about});
    json!({
        "type": "object",
        "title": "CloudEventHeaders",
        "description": "CloudEvents 1.0, Kafka protocol binding, binary content mode. All are text in UTF-8.",
        "required": ["content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject",
            "ce_dataschema", "ce_partitionkey", "ce_sequence"],
        "properties": {
            "content-type": {"const": CONTENT_TYPE, "description": "Media type of the value."},
            "ce_specversion": {"const": SPEC_VERSION, "description": "Version of CloudEvents."},
            "ce_id": of("uuid", "UUID version 7; identifies the event, the same on every redelivery."),
            "ce_source": of("uri-reference", "/waymark/<tenant>"),
            "ce_type": text("career.<name>.v<n>"),
            "ce_time": of("date-time", "When it happened: UTC, microseconds."),
            "ce_subject": text("What it is about: <kind>/<id>."),
            "ce_dataschema": of("uri", "The $id of the JSON Schema of the value."),
            "ce_partitionkey": of("uuid", "The key of the message."),
            "ce_sequence": {"type": "string", "pattern": "^[1-9][0-9]*$",
                "description": "1, 2, 3, ... without gaps for each key of a topic."},
            "ce_traceparent": text("W3C Trace Context of the request, if it had one."),
            "ce_tracestate": text("W3C Trace Context of the request, if it had one."),
            "ce_correlationid": of("uuid", "The request that caused it."),
            "ce_causationid": text("Reserved: the event that caused this one; not set yet."),
            "ce_actorid": of("uuid", "Pseudonymous id of whoever acted."),
        },
    })
}
