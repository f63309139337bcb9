//! Every event of the contract: its type, its topic, its schema.

use crate::example::Example;
use crate::{Topic, payload};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use uuid::Uuid;

/// What the contract says of one event type.
#[derive(Debug, Clone, Copy)]
pub struct EventType {
    /// `career.<name>.v<n>`.
    pub name: &'static str,
    /// Where it is published.
    pub topic: Topic,
    /// What the message key is the id of.
    pub key: &'static str,
    /// Generates the JSON Schema (draft 2020-12) of the payload.
    pub schema: fn() -> Schema,
    /// An example, the key of its message, and the kind and id of its subject.
    pub(crate) example: fn() -> (PublishedEvent, Uuid, (&'static str, Uuid)),
}

fn schema_of<T: JsonSchema>() -> Schema {
    // Inlined: each schema file stands alone.
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    SchemaGenerator::new(settings).into_root_schema_for::<T>()
}

fn example_of<T: Example>(event: fn(T) -> PublishedEvent) -> (PublishedEvent, Uuid, (&'static str, Uuid)) {
    (event(T::example()), T::KEY, T::SUBJECT)
}

macro_rules! catalogue {
    ($($variant:ident($payload:ident) = $name:literal, $topic:ident by $key:literal;)+) => {
        /// An event with its payload, as published.
        #[derive(Debug, Clone, PartialEq)]
        pub enum PublishedEvent {
            $(#[doc = concat!("`", $name, "`")] $variant(payload::$payload),)+
        }

        impl PublishedEvent {
            /// What the contract says of this event.
            #[must_use]
            pub fn event_type(&self) -> &'static EventType {
                match self {
                    $(Self::$variant(_) => {
                        static TYPE: EventType = EventType {
                            name: $name,
                            topic: Topic::$topic,
                            key: $key,
                            schema: schema_of::<payload::$payload>,
                            example: || example_of(PublishedEvent::$variant),
                        };
                        &TYPE
                    })+
                }
            }

            /// The payload as JSON text.
            ///
            /// # Errors
            /// When a payload cannot be written as JSON (a number that is not finite).
            pub fn data(&self) -> serde_json::Result<String> {
                match self {
                    $(Self::$variant(payload) => serde_json::to_string(payload),)+
                }
            }

            /// Reads a payload of the named type; `None` for a type that this version does not know.
            #[must_use]
            pub fn parse(event_type: &str, data: &[u8]) -> Option<serde_json::Result<Self>> {
                match event_type {
                    $($name => Some(serde_json::from_slice(data).map(Self::$variant)),)+
                    _ => None,
                }
            }
        }

        /// Every event type, in the order of the document.
        pub static CATALOGUE: &[EventType] = &[
            $(EventType {
                name: $name,
                topic: Topic::$topic,
                key: $key,
                schema: schema_of::<payload::$payload>,
                example: || example_of(PublishedEvent::$variant),
            },)+
        ];
    };
}

catalogue! {
    FrameworkDrafted(FrameworkDraftedV1) = "career.framework-drafted.v1", Framework by "framework";
    FrameworkPublished(FrameworkPublishedV1) = "career.framework-published.v1", Framework by "framework";
    SkillDefined(SkillDefinedV1) = "career.skill-defined.v1", Framework by "framework";
    SkillRetired(SkillRetiredV1) = "career.skill-retired.v1", Framework by "framework";
    PositionDefined(PositionDefinedV1) = "career.position-defined.v1", Framework by "framework";
    TeamDefined(TeamDefinedV1) = "career.team-defined.v1", Progress by "team";
    PersonRegistered(PersonRegisteredV1) = "career.person-registered.v1", Progress by "person";
    PersonUpdated(PersonUpdatedV1) = "career.person-updated.v1", Progress by "person";
    TeamChanged(TeamChangedV1) = "career.team-changed.v1", Progress by "person";
    ReportingLineChanged(ReportingLineChangedV1) = "career.reporting-line-changed.v1", Progress by "person";
    PersonAssigned(PersonAssignedV1) = "career.person-assigned.v1", Progress by "person";
    AssignmentEnded(AssignmentEndedV1) = "career.assignment-ended.v1", Progress by "person";
    ConsentGiven(ConsentGivenV1) = "career.consent-given.v1", Progress by "person";
    ConsentWithdrawn(ConsentWithdrawnV1) = "career.consent-withdrawn.v1", Progress by "person";
    PersonErased(PersonErasedV1) = "career.person-erased.v1", Progress by "person";
    EvidenceProposed(EvidenceProposedV1) = "career.evidence-proposed.v1", Evidence by "person";
    EvidenceAccepted(EvidenceAcceptedV1) = "career.evidence-accepted.v1", Evidence by "person";
    EvidenceRejected(EvidenceRejectedV1) = "career.evidence-rejected.v1", Evidence by "person";
    EvidenceVerified(EvidenceVerifiedV1) = "career.evidence-verified.v1", Evidence by "person";
    EvidenceDisputed(EvidenceDisputedV1) = "career.evidence-disputed.v1", Evidence by "person";
    EvidenceWithdrawn(EvidenceWithdrawnV1) = "career.evidence-withdrawn.v1", Evidence by "person";
    SkillLevelEndorsed(SkillLevelEndorsedV1) = "career.skill-level-endorsed.v1", Progress by "person";
    SkillLevelAttested(SkillLevelAttestedV1) = "career.skill-level-attested.v1", Progress by "person";
    SkillEstimateChanged(SkillEstimateChangedV1) = "career.skill-estimate-changed.v1", Progress by "person";
    ReadinessChanged(ReadinessChangedV1) = "career.readiness-changed.v1", Progress by "person";
    GapClosed(GapClosedV1) = "career.gap-closed.v1", Progress by "person";
    ProgressState(ProgressStateV1) = "career.progress-state.v1", ProgressState by "person";
    SubjectErased(SubjectErasedV1) = "career.subject-erased.v1", Erasures by "person";
}
