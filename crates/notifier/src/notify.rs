//! The handler: from an event to a message.

use crate::directory::Directory;
use crate::erased;
use crate::message::draft;
use crate::sink::{Message, Sink};
use async_trait::async_trait;
use std::time::{Duration, SystemTime};
use waymark_consumer::sea_orm::DatabaseTransaction;
use waymark_consumer::{Event, Handler, HandlerError};
use waymark_events::PublishedEvent;

/// Sends the messages of those who have an address.
pub struct Notifier {
    /// Who is reached where.
    pub directory: Directory,
    /// Where messages go.
    pub sink: Sink,
    /// Age from which on an event is no news.
    pub max_age: Duration,
}

#[async_trait]
impl Handler for Notifier {
    async fn handle(&self, event: &Event, transaction: &DatabaseTransaction) -> Result<(), HandlerError> {
        if let PublishedEvent::PersonErased(gone) = &event.payload {
            // No farewell: whoever asked to be forgotten is not written to.
            erased::insert(transaction, gone.person_id).await?;
            self.directory.forget(gone.person_id);
            return self.sink.forget(gone.person_id);
        }
        let Some(draft) = draft(&event.payload) else { return Ok(()) };
        if SystemTime::now().duration_since(event.time.into()).is_ok_and(|age| age > self.max_age) {
            return Ok(());
        }
        // Whoever has no address is not reached; that is a decision of the directory, no failure.
        let Some(to) = self.directory.address(draft.person) else { return Ok(()) };
        if erased::contains(transaction, draft.person).await? {
            return Ok(());
        }
        let message = Message {
            message_id: format!("<{}@waymark>", event.id),
            person_id: draft.person,
            to,
            subject: draft.subject.to_owned(),
            text: draft.text,
        };
        self.sink.send(&message).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::FileSink;
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

    const OTHER: &str = "01a210b7-d808-70a2-958c-000000000000";
    const GAP: &str = r#"{"personId":"PERSON","positionId":"PERSON","skillId":"PERSON","requiredLevel":3}"#;

    #[tokio::test]
    async fn whoever_has_an_address_gets_messages_until_they_are_erased() {
        let folder = tempfile::tempdir().unwrap();
        let (people, file) = (folder.path().join("people.csv"), folder.path().join("messages.jsonl"));
        std::fs::write(
            &people,
            format!("person_id,email\n{PERSON},ada@example.com\n{OTHER},bob@example.com\n"),
        )
        .unwrap();
        let notifier = || Notifier {
            directory: Directory::read(&people).unwrap(),
            sink: Sink::File(FileSink::open(&file).unwrap()),
            max_age: Duration::MAX,
        };
        let database = Database::connect("sqlite::memory:").await.unwrap();
        erased::create(&database).await.unwrap();
        let transaction = database.begin().await.unwrap();
        let first = notifier();
        let others = GAP.replacen("PERSON", OTHER, 1);
        let strangers = GAP.replacen("PERSON", "01a210b7-d808-70a2-958c-000000000001", 1);
        for data in [GAP, &others, &strangers] {
            first.handle(&event("career.gap-closed.v1", data), &transaction).await.unwrap();
        }
        let written = || -> Vec<Message> {
            let text = std::fs::read_to_string(&file).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let to = || written().into_iter().map(|message| message.to).collect::<Vec<_>>();
        assert_eq!(to(), ["ada@example.com", "bob@example.com"]);
        let ada = &written()[0];
        assert_eq!(ada.message_id, "<01a210b7-d7e0-75a4-a2a0-e2607ee68ddc@waymark>");
        assert_eq!(ada.subject, "You closed a gap");

        let erasure = event("career.person-erased.v1", r#"{"personId":"PERSON"}"#);
        first.handle(&erasure, &transaction).await.unwrap();
        // The second one has read the directory anew, which still names her.
        for notifier in [first, notifier()] {
            notifier.handle(&event("career.gap-closed.v1", GAP), &transaction).await.unwrap();
            notifier.handle(&event("career.gap-closed.v1", &others), &transaction).await.unwrap();
        }
        assert_eq!(to(), ["bob@example.com"; 3]);
    }
}
