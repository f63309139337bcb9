//! From rows to changes: what each row refers to, and what it changes.

use super::{
    ImportedPeople, changed,
    rows::{Row, Rows},
};
use crate::framework::Catalogue;
use crate::kernel::{
    Change, CommandContext, PersonId, PositionId, Refusal, RefusalCode, Refusals, TeamId, TenantId, excerpt,
};
use crate::people::{Person, Team, find_reporting_cycle};
use crate::ports::{Ids, PortError, Store};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What is known already of everything that the rows speak of.
pub(super) struct Known {
    people: HashMap<String, Person>,
    emails: HashMap<String, Person>,
    teams: HashMap<TeamId, Team>,
    lines: HashMap<PersonId, PersonId>,
    catalogues: Vec<Arc<Catalogue>>,
}

impl Known {
    /// Loads it, in a fixed number of steps.
    pub async fn load(store: &dyn Store, tenant: TenantId, rows: &[Row]) -> Result<Self, PortError> {
        let mentioned: HashSet<String> = rows
            .iter()
            .flat_map(|row| [Some(&row.profile.external_id), row.manager.as_ref()])
            .flatten()
            .cloned()
            .collect();
        let mentioned: Vec<String> = mentioned.into_iter().collect();
        let people = store.people_by_external_ids(tenant, &mentioned).await?;
        let emails: Vec<String> = rows.iter().filter_map(|row| row.profile.email.clone()).collect();
        let emails = store.people_by_emails(tenant, &emails).await?;
        let teams: HashSet<TeamId> = rows.iter().filter_map(|row| Some(row.team(tenant)?.ok()?.id)).collect();
        let teams = store.teams(tenant, &teams.into_iter().collect::<Vec<_>>()).await?;
        let ids: Vec<PersonId> = people.iter().map(|person| person.id).collect();
        let lowered = |person: Person| Some((person.profile.email.as_ref()?.to_lowercase(), person));
        Ok(Self {
            lines: store.reporting_lines(tenant, &ids).await?,
            catalogues: store.catalogues(tenant).await?,
            people: people.into_iter().map(|person| (person.profile.external_id.clone(), person)).collect(),
            emails: emails.into_iter().filter_map(lowered).collect(),
            teams: teams.into_iter().map(|team| (team.id, team)).collect(),
        })
    }

    /// The position that a cell names: `position` or `framework/position`.
    fn position(&self, row: &Row, name: &str) -> Result<PositionId, Refusal> {
        let (framework, key) = name.split_once('/').map_or((None, name), |(f, key)| (Some(f), key));
        let mut found = self
            .catalogues
            .iter()
            .filter(|catalogue| framework.is_none_or(|f| catalogue.content().key.as_str() == f))
            .filter_map(|catalogue| Some(catalogue.find_position(key)?.0));
        match (found.next(), found.next()) {
            (Some(position), None) => Ok(position),
            (None, _) => {
                let message = format!("There is no position {} in a published framework.", excerpt(name));
                Err(row.refuse("position", RefusalCode::UnknownReference, message))
            }
            (Some(_), Some(_)) => {
                let message = format!("Several frameworks have {}; write framework/position.", excerpt(name));
                Err(row.refuse("position", RefusalCode::Invalid, message))
            }
        }
    }
}

impl Row {
    fn team(&self, tenant: TenantId) -> Option<Result<Team, Refusal>> {
        let title = self.team.as_deref()?;
        Some(
            Team::define(tenant, title).map_err(|refusal| self.refuse("team", refusal.code, refusal.message)),
        )
    }
}

/// All changes of the import, or all that is wrong with it.
pub(super) fn plan(
    file: Rows,
    known: Known,
    ids: &dyn Ids,
    context: &CommandContext,
) -> Result<(Vec<Change>, ImportedPeople), Refusals> {
    let Rows { rows, mut problems, broken } = file;
    let rows = rows.as_slice();
    unique(rows, &known, &broken, &mut problems);
    let mut people_ids = people_ids(rows, &known, ids);
    for external_id in broken {
        people_ids.entry(external_id).or_insert_with(|| PersonId::from(ids.next()));
    }
    let mut teams: HashMap<TeamId, Team> = HashMap::new();
    let mut people = Vec::new();
    for row in rows {
        match person(row, &known, &people_ids, &mut teams, context) {
            Ok(person) => people.push(person),
            Err(refusals) => problems.0.extend(refusals),
        }
    }
    circle(rows, &people, &known, &mut problems);
    problems.0.sort_by_key(|refusal| (refusal.line, refusal.column));
    problems.or(())?;

    let mut summary = ImportedPeople { rows: rows.len(), teams: teams.len(), ..ImportedPeople::default() };
    let mut changes: Vec<Change> = teams.into_values().map(Change::Team).collect();
    changes.sort_by_key(|change| if let Change::Team(team) = change { Some(team.id) } else { None });
    for person in people {
        match (person.revision, person.changed()) {
            (0, _) => summary.registered += 1,
            (_, true) => summary.updated += 1,
            (_, false) => summary.unchanged += 1,
        }
        changes.extend(changed(Change::Person(Box::new(person))));
    }
    Ok((changes, summary))
}

/// Nobody stands in two rows, and no two people share an e-mail address.
fn unique(rows: &[Row], known: &Known, broken: &HashSet<String>, problems: &mut Refusals) {
    let mut external_ids: HashMap<&str, u32> = HashMap::new();
    let mut emails: HashMap<String, u32> = HashMap::new();
    let in_file: HashSet<&str> = rows.iter().map(|row| row.profile.external_id.as_str()).collect();
    for row in rows {
        let id = row.profile.external_id.as_str();
        if let Some(first) = external_ids.get(id) {
            let message = format!("{} stands in line {first} already.", excerpt(id));
            problems.push(row.refuse("external_id", RefusalCode::Duplicate, message));
        }
        external_ids.entry(id).or_insert(row.line);
        if broken.contains(id) {
            let message = format!("{} stands in another row as well, which is broken.", excerpt(id));
            problems.push(row.refuse("external_id", RefusalCode::Duplicate, message));
        }
        let Some(email) = row.profile.email.as_ref().map(|email| email.to_lowercase()) else { continue };
        let owner = known.emails.get(&email).map(|person| person.profile.external_id.as_str());
        // An owner who is in this file may get another address by it; their own row is checked.
        if owner.is_some_and(|owner| owner != id && !in_file.contains(owner)) {
            let message = "Another person has this e-mail address.";
            problems.push(row.refuse("email", RefusalCode::Duplicate, message));
        }
        if let Some(first) = emails.insert(email, row.line) {
            let message = format!("The row in line {first} has this e-mail address already.");
            problems.push(row.refuse("email", RefusalCode::Duplicate, message));
        }
    }
}

fn people_ids(rows: &[Row], known: &Known, ids: &dyn Ids) -> HashMap<String, PersonId> {
    let mut all: HashMap<String, PersonId> =
        known.people.iter().map(|(external_id, person)| (external_id.clone(), person.id)).collect();
    for row in rows {
        all.entry(row.profile.external_id.clone()).or_insert_with(|| PersonId::from(ids.next()));
    }
    all
}

fn person(
    row: &Row,
    known: &Known,
    people_ids: &HashMap<String, PersonId>,
    new_teams: &mut HashMap<TeamId, Team>,
    context: &CommandContext,
) -> Result<Person, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let external_id = &row.profile.external_id;
    let manager = row.manager.as_ref().and_then(|manager| {
        let id = people_ids.get(manager).copied();
        if id.is_none() {
            let message = format!("There is no person {} here or in this file.", excerpt(manager));
            refusals.push(row.refuse("manager_external_id", RefusalCode::UnknownReference, message));
        }
        id
    });
    let team = match row.team(context.actor.tenant.id).transpose() {
        Ok(team) => team.map(|team| {
            let id = team.id;
            if !known.teams.contains_key(&id) {
                new_teams.entry(id).or_insert(team);
            }
            id
        }),
        Err(refusal) => {
            refusals.push(refusal);
            None
        }
    };
    let mut person = match known.people.get(external_id) {
        Some(person) => {
            let mut person = person.clone();
            person.update(row.profile.clone());
            person.move_to(team);
            person.report_to(manager);
            person
        }
        None => {
            let id =
                people_ids.get(external_id).copied().unwrap_or_else(|| PersonId::from(uuid::Uuid::nil()));
            Person::register(id, row.profile.clone(), team, manager)
        }
    };
    if let (Some(name), Some(since)) = (&row.position, row.since) {
        let assigned = known.position(row, name).and_then(|position| {
            let today = context.today();
            person.assign(position, since, today).map_err(|refusal| {
                let column = refusal.field.first().map_or("position", String::as_str);
                row.refuse(column, refusal.code, refusal.message.clone())
            })
        });
        refusals.extend(assigned.err());
    }
    if refusals.is_empty() { Ok(person) } else { Err(refusals) }
}

/// Nobody reports to themselves, directly or through others.
fn circle(rows: &[Row], people: &[Person], known: &Known, problems: &mut Refusals) {
    let mut lines = known.lines.clone();
    for person in people {
        match person.manager {
            Some(manager) => lines.insert(person.id, manager),
            None => lines.remove(&person.id),
        };
    }
    let Some(cycle) = find_reporting_cycle(&lines) else { return };
    let names: HashMap<PersonId, &str> = known
        .people
        .values()
        .chain(people)
        .map(|person| (person.id, person.profile.external_id.as_str()))
        .collect();
    let name = |id: &PersonId| names.get(id).map_or_else(|| id.to_string(), |name| (*name).to_owned());
    let path: Vec<String> = cycle.iter().chain(cycle.first()).map(name).collect();
    let message = format!("The reporting lines go in a circle: {}.", path.join(" -> "));
    let on_cycle: HashSet<&str> = cycle.iter().filter_map(|id| names.get(id).copied()).collect();
    let row = rows.iter().find(|row| on_cycle.contains(row.profile.external_id.as_str()));
    match row {
        Some(row) => problems.push(row.refuse("manager_external_id", RefusalCode::Cycle, message)),
        None => problems.push(Refusal::new(RefusalCode::Cycle, message)),
    }
}
