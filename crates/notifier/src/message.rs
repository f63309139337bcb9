//! What people are told, and of what they are not told.

use uuid::Uuid;
use waymark_events::PublishedEvent;

/// A message before it has an address.
#[derive(Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whom it concerns.
    pub person: Uuid,
    /// The subject line.
    pub subject: &'static str,
    /// The text, without salutation.
    pub text: String,
}

/// The message that an event is worth, if any: what a person did not do themselves and would want to know.
#[must_use]
pub fn draft(event: &PublishedEvent) -> Option<Draft> {
    let (person, subject, text) = match event {
        PublishedEvent::EvidenceProposed(event) => (
            event.person_id,
            "New evidence about you",
            "Somebody recorded evidence about your work. Is it yours? Accept or reject it.".to_owned(),
        ),
        PublishedEvent::EvidenceVerified(event) => (
            event.person_id,
            "Your evidence was verified",
            "A colleague confirmed a piece of your evidence. It counts.".to_owned(),
        ),
        PublishedEvent::EvidenceDisputed(event) => (
            event.person_id,
            "Your evidence was disputed",
            "A colleague disputed a piece of your evidence. It does not count for now; have a look together."
                .to_owned(),
        ),
        PublishedEvent::SkillLevelAttested(event) => (
            event.person_id,
            "A level was attested",
            format!("Level {} of one of your skills was attested. Congratulations!", event.level),
        ),
        PublishedEvent::GapClosed(event) => (
            event.person_id,
            "You closed a gap",
            format!("You reached level {} of a skill, which your position asks for.", event.required_level),
        ),
        PublishedEvent::ReadinessChanged(event)
            if event.mandatory_met && event.score >= 1.0 && event.previous_score < 1.0 =>
        {
            (event.person_id, "You are ready", "You meet everything that your position asks for.".to_owned())
        }
        PublishedEvent::PersonAssigned(event) => {
            (event.person_id, "Your position", format!("You hold a new position from {} on.", event.from))
        }
        _ => return None,
    };
    Some(Draft { person, subject, text })
}
