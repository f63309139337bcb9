//! From a message to an event: CloudEvents 1.0 in the binary and the structured mode of the Kafka binding.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;
use waymark_events::PublishedEvent;

/// A message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Topic from which it was read.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its place in the partition.
    pub offset: i64,
    /// Its key, empty if it has none.
    pub key: Vec<u8>,
    /// Its headers, in their order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Its value; none for a tombstone.
    pub value: Option<Vec<u8>>,
}

impl Incoming {
    /// The first header of this name, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The key as text; bytes that are no text are replaced.
    #[must_use]
    pub fn key_text(&self) -> String {
        String::from_utf8_lossy(&self.key).into_owned()
    }

    /// Sequence within the key, if the envelope tells it.
    #[must_use]
    pub fn sequence(&self) -> Option<i64> {
        let sequence = match self.header("ce_sequence") {
            Some(text) => text.parse().ok(),
            None => serde_json::from_slice::<Structured>(self.value.as_deref()?).ok()?.sequence?.number(),
        };
        sequence.filter(|sequence| *sequence > 0)
    }
}

/// An event of the contract, as a handler gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Identifies the event; the same on every delivery.
    pub id: Uuid,
    /// `/waymark/<tenant>`.
    pub source: String,
    /// What it is about, for instance `evidence/<id>`.
    pub subject: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// Topic of the contract; of a redriven event the one from which it came at first.
    pub topic: String,
    /// Key: the id of the person, team or framework to which it belongs.
    pub key: String,
    /// 1, 2, 3, ... within the key of the topic.
    pub sequence: i64,
    /// What happened.
    pub payload: PublishedEvent,
}

/// Why a message can never be handled.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Poison {
    /// The envelope lacks something, or has it in a wrong form.
    #[error("the envelope is not right: {0}")]
    Envelope(String),
    /// The type is none that this version knows.
    #[error("the type {0} is not known")]
    UnknownType(String),
    /// The payload does not fit its type.
    #[error("the payload does not fit its type: {0}")]
    Payload(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Sequence {
    Number(i64),
    Text(String),
}

impl Sequence {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// A whole event in one JSON object.
#[derive(Deserialize)]
struct Structured {
    specversion: Option<String>,
    id: Option<String>,
    source: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    subject: Option<String>,
    time: Option<String>,
    partitionkey: Option<String>,
    sequence: Option<Sequence>,
    data: Option<Value>,
}

/// Reads a message of the topic of the contract (a retried message lies on another).
///
/// # Errors
/// When it is none that this version can read.
pub fn decode(message: &Incoming, topic: &str) -> Result<Event, Poison> {
    let value = message.value.as_deref().ok_or_else(|| Poison::Envelope("there is no value".to_owned()))?;
    let structured =
        message.header("content-type").is_some_and(|media| media.starts_with("application/cloudevents+json"));
    if structured {
        let mut envelope: Structured =
            serde_json::from_slice(value).map_err(|error| Poison::Envelope(error.to_string()))?;
        let data = envelope.data.take().map(|data| data.to_string()).unwrap_or_default();
        return from_parts(message, topic, envelope, data.as_bytes());
    }
    let header = |name: &str| message.header(name).map(str::to_owned);
    let envelope = Structured {
        specversion: header("ce_specversion"),
        id: header("ce_id"),
        source: header("ce_source"),
        event_type: header("ce_type"),
        subject: header("ce_subject"),
        time: header("ce_time"),
        partitionkey: header("ce_partitionkey"),
        sequence: header("ce_sequence").map(Sequence::Text),
        data: None,
    };
    from_parts(message, topic, envelope, value)
}

fn from_parts(message: &Incoming, topic: &str, parts: Structured, data: &[u8]) -> Result<Event, Poison> {
    let wrong = |what: &str| Poison::Envelope(format!("{what} is missing or not right"));
    if parts.specversion.as_deref() != Some("1.0") {
        return Err(wrong("specversion"));
    }
    let event_type = parts.event_type.ok_or_else(|| wrong("type"))?;
    let payload = PublishedEvent::parse(&event_type, data)
        .ok_or_else(|| Poison::UnknownType(event_type.clone()))?
        .map_err(|error| Poison::Payload(error.to_string()))?;
    let time = parts.time.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
    let key = if message.key.is_empty() { parts.partitionkey } else { Some(message.key_text()) };
    let sequence = parts.sequence.and_then(|sequence| sequence.number()).filter(|sequence| *sequence > 0);
    Ok(Event {
        id: parts.id.and_then(|id| id.parse().ok()).ok_or_else(|| wrong("id"))?,
        source: parts.source.ok_or_else(|| wrong("source"))?,
        subject: parts.subject.ok_or_else(|| wrong("subject"))?,
        time: time.ok_or_else(|| wrong("time"))?.with_timezone(&Utc),
        topic: topic.to_owned(),
        key: key.ok_or_else(|| wrong("key"))?,
        sequence: sequence.ok_or_else(|| wrong("sequence"))?,
        payload,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = r#"{"personId":"01a210b7-d808-70a2-958c-027543d71d19"}"#;

    fn binary() -> Incoming {
        let headers = [
            ("content-type", "application/json"),
            ("ce_specversion", "1.0"),
            ("ce_id", "01a210b7-d7e0-75a4-a2a0-e2607ee68ddc"),
            ("ce_source", "/waymark/default"),
            ("ce_type", "career.person-erased.v1"),
            ("ce_time", "2025-10-01T03:20:13.429920Z"),
            ("ce_subject", "person/1"),
            ("ce_sequence", "7"),
        ];
        Incoming {
            topic: "t".to_owned(),
            partition: 0,
            offset: 0,
            key: b"k".to_vec(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.into())).to_vec(),
            value: Some(DATA.into()),
        }
    }

    fn structured(sequence: &str) -> Incoming {
        let value = format!(
            r#"{{"specversion":"1.0","id":"01a210b7-d7e0-75a4-a2a0-e2607ee68ddc","source":"/waymark/default",
            "type":"career.person-erased.v1","time":"2025-10-01T03:20:13.429920Z","subject":"person/1",
            "sequence":{sequence},"data":{DATA}}}"#
        );
        let media = "application/cloudevents+json; charset=utf-8";
        Incoming {
            headers: vec![("content-type".to_owned(), media.into())],
            value: Some(value.into()),
            ..binary()
        }
    }

    #[test]
    fn both_modes_are_the_same_event() {
        let event = decode(&binary(), "t").unwrap();
        assert_eq!((event.sequence, event.key.as_str()), (7, "k"));
        for sequence in ["7", "\"7\""] {
            assert_eq!(decode(&structured(sequence), "t").unwrap(), event);
            assert_eq!(structured(sequence).sequence(), Some(7));
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let with = |name: &str, value: &str| {
            let mut message = binary();
            message.headers.retain(|(found, _)| found != name);
            message.headers.push((name.to_owned(), value.into()));
            decode(&message, "t").unwrap_err()
        };
        assert_eq!(with("ce_type", "career.new.v1"), Poison::UnknownType("career.new.v1".to_owned()));
        assert!(matches!(with("ce_type", "career.gap-closed.v1"), Poison::Payload(_)));
        for (name, value) in
            [("ce_id", "1"), ("ce_sequence", "0"), ("ce_time", "now"), ("ce_specversion", "0.3")]
        {
            assert!(matches!(with(name, value), Poison::Envelope(_)), "{name}");
        }
        for value in [None, Some(b"{".to_vec())] {
            assert!(decode(&Incoming { value, ..binary() }, "t").is_err());
        }
    }
}
