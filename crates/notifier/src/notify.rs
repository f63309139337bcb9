//! The handler: from an event to a line in the file.

use crate::directory::Directory;
use crate::message::draft;
use crate::sink::{FileSink, Message};
use async_trait::async_trait;
use waymark_consumer::sea_orm::DatabaseTransaction;
use waymark_consumer::{Event, Handler, HandlerError};

/// Writes the messages of those who have an address.
pub struct Notifier {
    /// Who is reached where.
    pub directory: Directory,
    /// Where messages go.
    pub sink: FileSink,
}

#[async_trait]
impl Handler for Notifier {
    async fn handle(&self, event: &Event, _: &DatabaseTransaction) -> Result<(), HandlerError> {
        let Some(draft) = draft(&event.payload) else { return Ok(()) };
        // Whoever has no address is not reached; that is a decision of the directory, no failure.
        let Some(to) = self.directory.get(&draft.person) else { return Ok(()) };
        let message = Message {
            message_id: format!("<{}@waymark>", event.id),
            to,
            subject: draft.subject,
            text: &draft.text,
        };
        self.sink.write(&message).map_err(|error| HandlerError::Retry(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waymark_consumer::sea_orm::{Database, TransactionTrait};
    use waymark_consumer::{Incoming, decode};

    const PERSON: &str = "01a210b7-d808-70a2-958c-027543d71d19";

    fn event(event_type: &str, data: &str) -> Event {
        let headers = [
            ("ce_specversion", "1.0"),
            ("ce_id", "01a210b7-d7e0-75a4-a2a0-e2607ee68ddc"),
            ("ce_source", "/waymark/default"),
            ("ce_type", event_type),
            ("ce_time", "2025-10-01T03:20:13.429920Z"),
            ("ce_subject", "person/1"),
            ("ce_sequence", "1"),
        ];
        let incoming = Incoming {
            topic: "t".to_owned(),
            partition: 0,
            offset: 0,
            key: PERSON.into(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.into())).to_vec(),
            value: Some(data.replace("PERSON", PERSON).into()),
        };
        decode(&incoming, "t").unwrap()
    }

    #[tokio::test]
    async fn whoever_is_concerned_and_has_an_address_gets_a_message_with_the_events_id() {
        let folder = tempfile::tempdir().unwrap();
        let (people, file) = (folder.path().join("people.csv"), folder.path().join("messages.jsonl"));
        std::fs::write(&people, format!("person_id,email\n{PERSON},ada@example.com\n")).unwrap();
        let directory = crate::directory::read(&people).unwrap();
        let notifier = Notifier { directory, sink: FileSink::open(&file).unwrap() };
        let database = Database::connect("sqlite::memory:").await.unwrap();
        let transaction = database.begin().await.unwrap();
        let gap = r#"{"personId":"PERSON","positionId":"PERSON","skillId":"PERSON","requiredLevel":3}"#;
        let other = gap.replacen("PERSON", "01a210b7-d808-70a2-958c-000000000000", 1);
        for (event_type, data) in [
            ("career.gap-closed.v1", gap),
            ("career.gap-closed.v1", &other),
            ("career.person-erased.v1", r#"{"personId":"PERSON"}"#),
        ] {
            notifier.handle(&event(event_type, data), &transaction).await.unwrap();
        }
        let written = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<serde_json::Value> =
            written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 1, "{written}");
        assert_eq!(lines[0]["messageId"], "<01a210b7-d7e0-75a4-a2a0-e2607ee68ddc@waymark>");
        assert_eq!(
            (&lines[0]["to"], &lines[0]["subject"]),
            (&"ada@example.com".into(), &"You closed a gap".into())
        );
    }
}
