//! `waymark grant`.

use super::import::{done, open};
use crate::cli::{GrantArgs, GrantedRole};
use crate::system::SystemIds;
use anyhow::{Context, Result, bail};
use waymark_domain::access::{RequestGrant, request_grant};
use waymark_domain::kernel::{CommandContext, GrantScope, Permission, Role, TeamId};
use waymark_domain::ports::Store;
use waymark_persistence::Persistence;

/// Grants a role on the operator's behalf: it is in force at once.
pub async fn run(args: GrantArgs) -> Result<()> {
    let (store, context) = open(&args.target, "waymark grant").await?;
    let scope = scope(&store, &context, &args).await?;
    let request = RequestGrant {
        subject: args.subject.clone(),
        role: role(args.role),
        scope,
        permissions: permissions(&args.permissions)?,
        until: args.until,
    };
    let granted = request_grant(&store, &SystemIds, &context, request).await;
    let grant = done(&store, &context, "the grant", granted).await?;
    let end = grant.held.until.map_or_else(String::new, |until| format!(", until {until}"));
    println!("{} is now {} ({}{end}).", grant.subject, grant.held.role.name(), reach(&args));
    println!("Open streams and sockets follow within seconds. Take it back by the mutation revokeGrant.");
    Ok(())
}

const fn role(role: GrantedRole) -> Role {
    match role {
        GrantedRole::PanelMember => Role::PanelMember,
        GrantedRole::PeoplePartner => Role::PeoplePartner,
        GrantedRole::FrameworkOwner => Role::FrameworkOwner,
        GrantedRole::Service => Role::Service,
        GrantedRole::TenantAdministrator => Role::TenantAdministrator,
    }
}

fn reach(args: &GrantArgs) -> String {
    match (&args.team, &args.person) {
        (Some(team), _) => format!("for the team {team}"),
        (_, Some(person)) => format!("for the case of {person}"),
        _ => "for the whole tenant".to_owned(),
    }
}

async fn scope(store: &Persistence, context: &CommandContext, args: &GrantArgs) -> Result<GrantScope> {
    let tenant = context.actor.tenant.id;
    if let Some(key) = &args.team {
        return Ok(GrantScope::Unit(TeamId::for_key(tenant, key)));
    }
    let Some(external_id) = &args.person else { return Ok(GrantScope::Tenant) };
    let person = store.people_by_external_ids(tenant, std::slice::from_ref(external_id)).await?.pop();
    let person = person.with_context(|| format!("there is no person with the external id {external_id}"))?;
    Ok(GrantScope::Case(person.id))
}

fn permissions(names: &[String]) -> Result<Vec<Permission>> {
    let known = || Permission::ALL.map(Permission::name).join(", ");
    let mut permissions = Vec::new();
    for name in names {
        match Permission::named(name) {
            Some(permission) => permissions.push(permission),
            None => bail!("there is no permission {name}; there are {}", known()),
        }
    }
    Ok(permissions)
}
