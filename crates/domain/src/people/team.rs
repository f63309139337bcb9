//! Teams.

use super::PeopleEvent;
use crate::kernel::{Key, Refusal, RefusalCode, TeamId, TenantId, Text};

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The team.
    pub id: TeamId,
    /// Names it within the tenant.
    pub key: Key,
    /// Title for people.
    pub title: String,
    /// Revision that was loaded; 0 for a new one.
    pub revision: i64,
    /// What happened since it was loaded.
    pub events: Vec<PeopleEvent>,
}

impl Team {
    /// A new team; its key follows from the title.
    ///
    /// # Errors
    /// `Required` or `Invalid` when the title is no title, or has no letter or digit to make a key of.
    pub fn define(tenant: TenantId, title: &str) -> Result<Self, Refusal> {
        let title = Text::TITLE.check(title)?;
        let key = key_of(&title)?;
        let id = TeamId::for_key(tenant, key.as_str());
        let events = vec![PeopleEvent::TeamDefined { team: id, key: key.clone() }];
        Ok(Self { id, key, title, revision: 0, events })
    }
}

/// `Payments & Ledger` becomes `payments-ledger`.
fn key_of(title: &str) -> Result<Key, Refusal> {
    let words: Vec<_> = title
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let joined = words.join("-");
    let starts_with_letter = joined.starts_with(|c: char| c.is_ascii_lowercase());
    let key: String =
        if starts_with_letter { joined } else { format!("team-{joined}") }.chars().take(64).collect();
    if words.is_empty() {
        let message = "The title of a team needs a letter a-z or a digit.";
        return Err(Refusal::new(RefusalCode::Invalid, message));
    }
    Key::new(key.trim_end_matches('-'))
}
