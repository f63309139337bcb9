//! The live feed.

use crate::audit::note_denied_read;
use crate::error::{Code, coded, fault_of};
use crate::relay::{CursorKey, CursorScope, GlobalId, NodeType};
use crate::scalars::DateTime;
use crate::services::{lost, services, viewer};
use async_graphql::{Context, ID, Json, Object, Result, Subscription};
use futures_util::{Stream, StreamExt};
use waymark_domain::access::Action;
use waymark_domain::audit::AuditOutcome;
use waymark_domain::kernel::{DomainId, ObjectRef, PersonId};
use waymark_domain::ports::{FeedEvent, FeedPosition, PageKey};

#[derive(Default)]
pub(crate) struct ProgressSubscription;

/// Something that happened to a person, as it is also on the Kafka topics.
pub(crate) struct ProgressEvent {
    event: FeedEvent,
    cursor: String,
}

/// Something that happened to a person, as it is also on the Kafka topics.
#[Object]
impl ProgressEvent {
    /// Identifies the event; the same as `ce_id` on the topic.
    async fn id(&self) -> ID {
        ID(self.event.id.to_string())
    }

    /// Type of the event, for instance `career.evidence-verified.v1`.
    #[graphql(name = "type")]
    async fn event_type(&self) -> &str {
        &self.event.event_type
    }

    /// Global id of the person.
    async fn person_id(&self) -> ID {
        GlobalId::encode(NodeType::Person, self.event.person)
    }

    /// What it is about, for instance `evidence/<uuid>`.
    async fn subject(&self) -> &str {
        &self.event.subject
    }

    /// Its sequence among the person's events of its topic, from 1 without gaps.
    async fn sequence(&self) -> i64 {
        self.event.sequence
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime {
        DateTime(self.event.time)
    }

    /// The payload, as the JSON Schema of its type says.
    async fn data(&self) -> Result<Json<serde_json::Value>> {
        Ok(Json(serde_json::from_str(&self.event.data)?))
    }

    /// Where to go on after this event: hand it to `after`.
    async fn cursor(&self) -> String {
        self.cursor.clone()
    }
}

/// Live feeds.
#[Subscription]
impl ProgressSubscription {
    /// What happens to a person, as it happens. With `after`, everything since that event comes first,
    /// without gap or repeat; with `fromStart`, everything that ever happened. The events of each topic keep their
    /// order; between topics it is by time as far as both are read.
    async fn progress_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the person.")] person: ID,
        #[graphql(desc = "Cursor of the last event seen.")] after: Option<String>,
        #[graphql(desc = "Whether to begin with the first event.")] from_start: Option<bool>,
    ) -> Result<impl Stream<Item = Result<ProgressEvent>> + use<>> {
        let (services, viewer) = (services(ctx)?, viewer(ctx)?);
        let not_found = || coded(Code::NotFound, "There is no such person.");
        let person: PersonId = GlobalId::of(NodeType::Person, &person).ok_or_else(not_found)?;
        let known = services.readers.people_by_ids(viewer, &[person]).await;
        if known.map_err(|error| fault_of(&error))?.is_empty() {
            let object = Some(ObjectRef::person(person));
            note_denied_read(ctx, "progressEvents", object, AuditOutcome::NotFound).await?;
            return Err(not_found());
        }
        // Not by a loader: it would stay as long as the stream, and there may be thousands.
        let reached = services.readers.within_reach(viewer, Action::FollowEvents, &[person]).await;
        if reached.map_err(|error| fault_of(&error))?.is_empty() {
            let (action, object) = (Action::FollowEvents.name(), Some(ObjectRef::person(person)));
            note_denied_read(ctx, action, object, AuditOutcome::Forbidden).await?;
            return Err(coded(Code::Forbidden, "You may not follow what happens to this person."));
        }
        let cursors = FeedCursors {
            key: services.cursors.clone(),
            scope: CursorScope::new(viewer, "progressEvents", &person.to_string()),
            person,
        };
        let from = match (after, from_start.unwrap_or_default()) {
            (Some(_), true) => {
                let message = "Ask for `after` or for `fromStart`, not for both.";
                return Err(coded(Code::BadUserInput, message));
            }
            (Some(cursor), false) => Some(cursors.decode(&cursor)?),
            (None, true) => Some(FeedPosition::default()),
            (None, false) => None,
        };
        let events = services.feed.follow(viewer, person, from).await.map_err(|error| fault_of(&error))?;
        let lost = lost(ctx, Action::FollowEvents, person)?;
        Ok(events.take_until(lost).map(move |event| {
            let event = event.map_err(|error| fault_of(&error))?;
            Ok(ProgressEvent { cursor: cursors.encode(event.position), event })
        }))
    }
}

/// Cursors of one person's feed.
struct FeedCursors {
    key: CursorKey,
    scope: CursorScope,
    person: PersonId,
}

impl FeedCursors {
    fn encode(&self, position: FeedPosition) -> String {
        let sort = format!("{}.{}", position.progress, position.evidence);
        self.key.encode(&self.scope, &PageKey { sort, id: self.person.uuid() })
    }

    fn decode(&self, cursor: &str) -> Result<FeedPosition> {
        let key = self.key.decode(&self.scope, cursor)?;
        let position = || {
            let (progress, evidence) = key.sort.split_once('.')?;
            Some(FeedPosition { progress: progress.parse().ok()?, evidence: evidence.parse().ok()? })
        };
        position().ok_or_else(|| coded(Code::BadCursor, "This cursor was not made by this feed."))
    }
}
