//! Use case: change what is known of a person.

use super::{Person, Profile};
use crate::access::{Action, authorise};
use crate::kernel::{
    Change, CommandContext, Patch, PersonId, Refusal, RefusalCode, Refusals, TeamId, TenantId,
};
use crate::ports::{CommandError, PortError, Store};

/// What is to change; whatever is kept stays as it is.
#[derive(Debug, Clone)]
pub struct UpdatePerson {
    /// The person.
    pub person: PersonId,
    /// The name; cannot be cleared.
    pub display_name: Patch<String>,
    /// The e-mail address.
    pub email: Patch<String>,
    /// The discipline; cleared, it is `backend`.
    pub discipline: Patch<String>,
    /// The team.
    pub team: Patch<TeamId>,
}

/// Changes what is known of a person.
///
/// # Errors
/// `Conflict` at another version than expected, `Forbidden` for those who may not do this to the person, `NotFound` for
/// the person or the team, `Duplicate` for an
/// e-mail address that somebody else has, and what [`Profile::new`] refuses.
pub async fn update_person(
    store: &dyn Store,
    context: &CommandContext,
    input: UpdatePerson,
) -> Result<Person, CommandError> {
    let tenant = context.actor.tenant.id;
    let person = store.people(tenant, &[input.person]).await?.pop();
    let mut person = person.ok_or_else(|| Refusal::not_found("personId", "person"))?;
    authorise(store, context, Action::EditProfile, &person).await?;
    context.expect(person.revision)?;
    let team = input.team.apply(person.team);
    if team != person.team {
        authorise(store, context, Action::PlacePerson, &person).await?;
    }
    if let Some(id) = team.filter(|_| team != person.team)
        && store.teams(tenant, &[id]).await?.is_empty()
    {
        return Err(Refusal::not_found("teamId", "team").into());
    }
    let profile = profile(&person, &input)?;
    only_address(store, tenant, &person, &profile).await?;
    person.update(profile);
    person.move_to(team);
    if person.changed() {
        store.save(vec![Change::Person(Box::new(person.clone()))], context).await?;
        person.revision += 1;
    }
    Ok(person)
}

fn profile(person: &Person, input: &UpdatePerson) -> Result<Profile, Refusals> {
    let known = person.profile.clone();
    let name = input.display_name.clone().apply(Some(known.display_name)).unwrap_or_default();
    let email = input.email.clone().apply(known.email).unwrap_or_default();
    let discipline = input.discipline.clone().apply(Some(known.discipline.to_string())).unwrap_or_default();
    Profile::new(&known.external_id, &name, &email, &discipline).map_err(|refusals| {
        // Files call the name otherwise than the API does.
        let renamed =
            |refusal: Refusal| if refusal.field == ["name"] { refusal.at("displayName") } else { refusal };
        Refusals(refusals.into_iter().map(renamed).collect())
    })
}

async fn only_address(
    store: &dyn Store,
    tenant: TenantId,
    person: &Person,
    profile: &Profile,
) -> Result<(), CommandError> {
    let Some(email) = &profile.email else { return Ok(()) };
    let owners: Result<Vec<Person>, PortError> =
        store.people_by_emails(tenant, std::slice::from_ref(email)).await;
    if owners?.iter().any(|owner| owner.id != person.id) {
        let message = "Another person has this e-mail address.";
        return Err(Refusal::of("email", RefusalCode::Duplicate, message).into());
    }
    Ok(())
}
