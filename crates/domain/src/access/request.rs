//! Use case: ask for a role for somebody.

use super::{Action, Grant, authorise_tenant};
use crate::kernel::{
    ActorId, Change, CommandContext, GrantId, GrantScope, HeldRole, Permission, Refusal, RefusalCode,
    Refusals, Role, Standing, Text,
};
use crate::ports::{CommandError, Ids, Store};
use chrono::{DateTime, Utc};

/// The subject of a token, in characters.
const SUBJECT: Text = Text { min: 1, max: 255, multiline: false };

/// A role for somebody.
#[derive(Debug, Clone)]
pub struct RequestGrant {
    /// The subject of their tokens.
    pub subject: String,
    /// The role.
    pub role: Role,
    /// How far.
    pub scope: GrantScope,
    /// What a service may do.
    pub permissions: Vec<Permission>,
    /// When it ends, if it does.
    pub until: Option<DateTime<Utc>>,
}

/// Asks for a role: it is in force once a second administrator approves it, or at once when the operator grants it.
///
/// # Errors
/// `Forbidden`, `SelfReview` for a role for oneself, `Invalid` for roles that are not granted or do not reach so,
/// `NotFound` for a team or person of the scope.
pub async fn request_grant(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    input: RequestGrant,
) -> Result<Grant, CommandError> {
    authorise_tenant(context, Action::ManageGrants)?;
    check(context, &input)?;
    find_scope(store, context, input.scope).await?;
    let actor = &context.actor;
    if actor.goes_by(subject_actor(store, actor.tenant.id, &input.subject).await?) {
        let message = "Nobody grants a role to themselves.";
        return Err(Refusal::of("subject", RefusalCode::SelfReview, message).into());
    }
    let RequestGrant { subject, role, scope, permissions, until } = input;
    let held = HeldRole { role, scope, permissions, until };
    let mut grant = Grant::requested(GrantId::from(ids.next()), &subject, held, context);
    if actor.standing == Standing::Operator {
        grant = grant.in_force(actor.id);
    }
    store.save(vec![Change::Grant(Box::new(grant.clone()))], context).await?;
    Ok(grant)
}

fn check(context: &CommandContext, input: &RequestGrant) -> Result<(), Refusals> {
    let mut refusals = Refusals::default();
    if let Err(refusal) = SUBJECT.check(&input.subject) {
        refusals.push(refusal.at("subject"));
    }
    let reaches = matches!(
        (input.role, input.scope),
        (Role::PanelMember, GrantScope::Case(_))
            | (Role::PeoplePartner, GrantScope::Unit(_) | GrantScope::Tenant)
            | (Role::FrameworkOwner | Role::Service | Role::TenantAdministrator, GrantScope::Tenant)
    );
    if matches!(input.role, Role::Engineer | Role::Manager) {
        let message = "This role follows from the directory: from being a person, and from reporting lines.";
        refusals.push(Refusal::of("role", RefusalCode::Invalid, message));
    } else if !reaches {
        let message = "A panel member's role is for a person, a people partner's for a team or the tenant, \
                       any other for the tenant.";
        refusals.push(Refusal::of("role", RefusalCode::Invalid, message));
    }
    if (input.role == Role::Service) == input.permissions.is_empty() {
        let message = "A service has permissions, and nobody else has.";
        refusals.push(Refusal::of("permissions", RefusalCode::Invalid, message));
    }
    if input.until.is_some_and(|until| until <= context.at) {
        refusals.push(Refusal::of("until", RefusalCode::Invalid, "The end has passed already."));
    }
    refusals.or(())
}

async fn find_scope(
    store: &dyn Store,
    context: &CommandContext,
    scope: GrantScope,
) -> Result<(), CommandError> {
    let tenant = context.actor.tenant.id;
    match scope {
        GrantScope::Unit(team) if store.teams(tenant, &[team]).await?.is_empty() => {
            Err(Refusal::not_found("teamId", "team").into())
        }
        GrantScope::Case(person) | GrantScope::Line(person)
            if store.people(tenant, &[person]).await?.is_empty() =>
        {
            Err(Refusal::not_found("personId", "person").into())
        }
        _ => Ok(()),
    }
}

/// Whoever acts with tokens of this subject.
pub(super) async fn subject_actor(
    store: &dyn Store,
    tenant: crate::kernel::TenantId,
    subject: &str,
) -> Result<ActorId, crate::ports::PortError> {
    let person = store.people_by_external_ids(tenant, &[subject.to_owned()]).await?.pop();
    Ok(person.map_or_else(|| ActorId::for_subject(tenant, subject), |person| person.id.into()))
}
