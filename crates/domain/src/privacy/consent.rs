//! The aggregate and its use cases: what a person has agreed to, purpose by purpose.

use crate::access::{Action, authorise};
use crate::kernel::{Change, CommandContext, ConsentId, Key, PersonId, Refusal, RefusalCode, TenantId};
use crate::people::PeopleEvent;
use crate::ports::{CommandError, Ids, Store};
use chrono::{DateTime, Utc};

/// What people can be asked to agree to. The operator writes it; another text is another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// Names it over all versions.
    pub key: Key,
    /// Version of the text, from 1.
    pub version: u32,
    /// What somebody agrees to, for them to read.
    pub text: String,
}

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentState {
    /// It holds.
    Current,
    /// The purpose has another version by now, or is not asked for any more.
    Outdated,
    /// The person took it back.
    Withdrawn,
}

/// What a person agreed to once. Taking it back ends it; agreeing again is another one, so what was true stays known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The consent.
    pub id: ConsentId,
    /// Who agreed.
    pub person: PersonId,
    /// Key of the purpose.
    pub purpose: Key,
    /// Version of the text that they agreed to.
    pub version: u32,
    /// When.
    pub given_at: DateTime<Utc>,
    /// When they took it back.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// What happened since it was loaded.
    pub events: Vec<PeopleEvent>,
}

impl Consent {
    /// A person agrees.
    #[must_use]
    pub fn given(id: ConsentId, person: PersonId, purpose: &Purpose, at: DateTime<Utc>) -> Self {
        let (key, version) = (purpose.key.clone(), purpose.version);
        let events = vec![PeopleEvent::ConsentGiven { person, purpose: key.clone(), version }];
        Self { id, person, purpose: key, version, given_at: at, withdrawn_at: None, events }
    }

    /// Takes it back. Again changes nothing.
    pub fn withdraw(&mut self, at: DateTime<Utc>) {
        if self.withdrawn_at.is_none() {
            self.withdrawn_at = Some(at);
            let (person, purpose, version) = (self.person, self.purpose.clone(), self.version);
            self.events.push(PeopleEvent::ConsentWithdrawn { person, purpose, version });
        }
    }

    /// Where it stands, with these purposes.
    #[must_use]
    pub fn state(&self, purposes: &[Purpose]) -> ConsentState {
        let asked = |purpose: &Purpose| purpose.key == self.purpose && purpose.version == self.version;
        match self.withdrawn_at {
            Some(_) => ConsentState::Withdrawn,
            None if purposes.iter().any(asked) => ConsentState::Current,
            None => ConsentState::Outdated,
        }
    }
}

/// Agrees to a purpose in the version that the person has read. Again changes nothing.
///
/// # Errors
/// `Forbidden` for anybody but the person, `NotFound` for the person or the purpose, `Conflict` when the purpose has
/// another version by now.
pub async fn give_consent(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    person: PersonId,
    (key, version): (&str, u32),
    purposes: &[Purpose],
) -> Result<Consent, CommandError> {
    let tenant = own(store, context, person).await?;
    let purpose = purposes.iter().find(|purpose| purpose.key.as_str() == key);
    let purpose = purpose.ok_or_else(|| Refusal::not_found("purpose", "purpose"))?;
    if purpose.version != version {
        let message = "The purpose has another text by now: read it, and agree to that.";
        return Err(Refusal::new(RefusalCode::Conflict, message).at("version").into());
    }
    let earlier = store.consents(tenant, person, &purpose.key).await?;
    let holds = |consent: &Consent| consent.withdrawn_at.is_none() && consent.version == version;
    if let Some(same) = earlier.into_iter().find(holds) {
        return Ok(same);
    }
    let consent = Consent::given(ConsentId::from(ids.next()), person, purpose, context.at);
    store.save(vec![Change::Consent(Box::new(consent.clone()))], context).await?;
    Ok(consent)
}

/// Takes back what the person agreed to for a purpose, in every version. Again changes nothing. Hands back the consent
/// that was given last.
///
/// # Errors
/// `Forbidden` for anybody but the person, `NotFound` for the person, or when they never agreed to it.
pub async fn withdraw_consent(
    store: &dyn Store,
    context: &CommandContext,
    person: PersonId,
    key: &str,
) -> Result<Consent, CommandError> {
    let tenant = own(store, context, person).await?;
    let none = || Refusal::not_found("purpose", "consent");
    let key = Key::new(key).map_err(|_| none())?;
    let mut consents = store.consents(tenant, person, &key).await?;
    let mut changes = Vec::new();
    for consent in consents.iter_mut().filter(|consent| consent.withdrawn_at.is_none()) {
        consent.withdraw(context.at);
        changes.push(Change::Consent(Box::new(consent.clone())));
    }
    let last = consents.into_iter().max_by_key(|consent| (consent.given_at, consent.id)).ok_or_else(none)?;
    if !changes.is_empty() {
        store.save(changes, context).await?;
    }
    Ok(last)
}

/// The tenant, if the person is there and is whoever acts.
async fn own(
    store: &dyn Store,
    context: &CommandContext,
    person: PersonId,
) -> Result<TenantId, CommandError> {
    let tenant = context.actor.tenant.id;
    let found = store.people(tenant, &[person]).await?.pop();
    let found = found.ok_or_else(|| Refusal::not_found("personId", "person"))?;
    authorise(store, context, Action::GiveConsent, &found).await?;
    Ok(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_holds_for_the_text_that_was_read() {
        let purpose =
            |version| Purpose { key: Key::new("photos").unwrap(), version, text: "Yes.".to_owned() };
        let (now, id) = (DateTime::UNIX_EPOCH, uuid::Uuid::nil());
        let mut consent = Consent::given(ConsentId::from(id), PersonId::from(id), &purpose(1), now);
        assert_eq!(consent.state(&[purpose(1)]), ConsentState::Current);
        assert_eq!(consent.state(&[purpose(2)]), ConsentState::Outdated);
        assert_eq!(consent.state(&[]), ConsentState::Outdated);
        consent.withdraw(now);
        consent.withdraw(now);
        assert_eq!(consent.state(&[purpose(1)]), ConsentState::Withdrawn);
        assert_eq!(consent.events.len(), 2, "one of each");
    }
}
