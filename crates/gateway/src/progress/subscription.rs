//! The live feed.

use crate::error::{Code, coded, fault_of};
use crate::relay::{GlobalId, NodeType};
use crate::services::{services, viewer};
use async_graphql::{Context, ID, Json, Object, Result, Subscription};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};
use waymark_domain::kernel::PersonId;
use waymark_domain::ports::{FeedEvent, FeedPosition};

#[derive(Default)]
pub(crate) struct ProgressSubscription;

/// Something that happened to a person, as it is also on the Kafka topics.
pub(crate) struct ProgressEvent(FeedEvent);

/// Something that happened to a person, as it is also on the Kafka topics.
#[Object]
impl ProgressEvent {
    /// Identifies the event; the same as `ce_id` on the topic.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Type of the event, for instance `career.evidence-verified.v1`.
    #[graphql(name = "type")]
    async fn event_type(&self) -> &str {
        &self.0.event_type
    }

    /// Global id of the person.
    async fn person_id(&self) -> ID {
        GlobalId::encode(NodeType::Person, self.0.person)
    }

    /// What it is about, for instance `evidence/<uuid>`.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Its sequence among the person's events of its topic, from 1 without gaps.
    async fn sequence(&self) -> i64 {
        self.0.sequence
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.time
    }

    /// The payload, as the JSON Schema of its type says.
    async fn data(&self) -> Result<Json<serde_json::Value>> {
        Ok(Json(serde_json::from_str(&self.0.data)?))
    }

    /// Where to go on after this event: hand it to `after`.
    async fn cursor(&self) -> String {
        format!("{}.{}", self.0.position.progress, self.0.position.evidence)
    }
}

#[Subscription]
impl ProgressSubscription {
    /// What happens to a person, as it happens. With `after`, everything since that event comes first,
    /// without gap or repeat; `after: "0.0"` begins with the first event.
    async fn progress_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the person.")] person: ID,
        #[graphql(desc = "Cursor of the last event seen.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ProgressEvent>> + use<>> {
        let (services, viewer) = (services(ctx)?, viewer(ctx)?);
        let not_found = || coded(Code::NotFound, "There is no such person.");
        let person: PersonId = GlobalId::of(NodeType::Person, &person).ok_or_else(not_found)?;
        let known = services.readers.people_by_ids(viewer, &[person]).await;
        if known.map_err(|error| fault_of(&error))?.is_empty() {
            return Err(not_found());
        }
        let from = after.map(|cursor| position(&cursor)).transpose()?;
        let events = services.feed.follow(viewer, person, from).await.map_err(|error| fault_of(&error))?;
        Ok(events.map(|event| event.map(ProgressEvent).map_err(|error| fault_of(&error))))
    }
}

fn position(cursor: &str) -> Result<FeedPosition> {
    let parse = || {
        let (progress, evidence) = cursor.split_once('.')?;
        let number = |text: &str| text.parse().ok().filter(|number: &i64| *number >= 0);
        Some(FeedPosition { progress: number(progress)?, evidence: number(evidence)? })
    };
    parse().ok_or_else(|| coded(Code::BadCursor, "This cursor was not made by this feed."))
}
