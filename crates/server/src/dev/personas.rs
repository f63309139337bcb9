//! The sample personas, and the roles that they hold beside what follows from reporting lines.

use super::TENANT;
use crate::cli::Persona;
use crate::system::{SystemClock, SystemIds};
use anyhow::{Result, anyhow};
use waymark_domain::access::{RequestGrant, request_grant};
use waymark_domain::kernel::{Actor, CommandContext, GrantScope, Permission, PersonId, Role, TeamId, Tenant};
use waymark_domain::ports::{AccessReader, Clock, Ids, Store};
use waymark_persistence::Persistence;

/// Who of the sample organisation the personas are.
pub struct Personas;

impl Personas {
    /// Subject of tokens that administer the sample organisation.
    pub const ADMINISTRATOR: &'static str = "noor";

    /// The subject of the persona's tokens: an external id, or a client id.
    pub const fn subject(persona: Persona) -> &'static str {
        match persona {
            Persona::Engineer => "mira",
            Persona::Manager => "tomas",
            Persona::Admin => Self::ADMINISTRATOR,
            Persona::PanelMember => "kwame",
            Persona::PeoplePartner => "amara",
            Persona::FrameworkOwner => "diego",
            Persona::Service => "reporting-service",
        }
    }

    /// Grants the personas their roles, unless there are grants already. Roles for a team or a person wait for the
    /// sample organisation.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn grant(persistence: &Persistence) -> Result<()> {
        let tenant = Tenant::named(TENANT);
        let actor = Actor::operator(tenant, "waymark dev");
        let context = CommandContext::new(actor, "waymark dev", SystemClock.now(), SystemIds.next());
        if persistence.grants_count(&context.actor).await? > 0 {
            return Ok(());
        }
        for role in roles(persistence, &context).await? {
            request_grant(persistence, &SystemIds, &context, role)
                .await
                .map_err(|error| anyhow!("{error}"))?;
        }
        Ok(())
    }
}

async fn roles(persistence: &Persistence, context: &CommandContext) -> Result<Vec<RequestGrant>> {
    let tenant = context.actor.tenant.id;
    let tenant_wide = |persona, role| grant(persona, role, GrantScope::Tenant);
    let mut roles = vec![
        tenant_wide(Persona::FrameworkOwner, Role::FrameworkOwner),
        RequestGrant {
            permissions: vec![Permission::PeopleRead, Permission::ProgressRead, Permission::EventsRead],
            ..tenant_wide(Persona::Service, Role::Service)
        },
    ];
    let engineer = Personas::subject(Persona::Engineer).to_owned();
    let engineer: Option<PersonId> =
        persistence.people_by_external_ids(tenant, &[engineer]).await?.pop().map(|person| person.id);
    roles.extend(engineer.map(|case| grant(Persona::PanelMember, Role::PanelMember, GrantScope::Case(case))));
    let team = TeamId::for_key(tenant, "payments");
    if !persistence.teams(tenant, &[team]).await?.is_empty() {
        roles.push(grant(Persona::PeoplePartner, Role::PeoplePartner, GrantScope::Unit(team)));
    }
    Ok(roles)
}

fn grant(persona: Persona, role: Role, scope: GrantScope) -> RequestGrant {
    let subject = Personas::subject(persona).to_owned();
    RequestGrant { subject, role, scope, permissions: Vec::new(), until: None }
}
