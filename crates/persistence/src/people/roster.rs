//! The people of a tenant in memory: what their lists are ordered and filtered by, and who is in whose line. Names may be
//! sealed in the database, so it cannot order or search them, and lines would be a query of their own for each read; what a list shows is read from it nevertheless, within the viewer's reach.

use super::row::person;
use crate::error::Result;
use crate::lock::lock;
use crate::vault::Vault;
use sea_orm::{ColumnTrait, Condition as Sql, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use uuid::Uuid;
use waymark_domain::kernel::{DomainId, TenantId};
use waymark_domain::ports::{Condition, PageKey, PeopleFilter, PeopleOrder, PersonTest, TextTest};

/// What is known of one person.
struct Entry {
    change: i64,
    name: String,
    external_id: String,
    discipline: String,
    team: Option<Uuid>,
    manager: Option<Uuid>,
    position: Option<Uuid>,
}

/// How long what was seen of other processes' changes is believed where a moment does not matter.
const RECENT: Duration = Duration::from_secs(1);

/// The people of one tenant, as of a change.
#[derive(Default)]
pub(crate) struct Roster {
    change: i64,
    /// When it was last brought up to date; unknown once this process has changed something.
    seen: Option<Instant>,
    /// How often this process has changed something.
    touched: u64,
    by_manager: HashMap<Uuid, HashSet<Uuid>>,
    by_team: HashMap<Uuid, HashSet<Uuid>>,
    people: HashMap<Uuid, Entry>,
    by_name: BTreeSet<(String, Uuid)>,
    by_external_id: BTreeSet<(String, Uuid)>,
}

/// The people of every tenant that was asked for. Costs about 300 bytes a person.
#[derive(Clone, Default)]
pub(crate) struct Rosters(
    Arc<Mutex<HashMap<TenantId, Arc<Mutex<Roster>>>>>,
    Arc<Mutex<HashMap<TenantId, i64>>>,
);

impl Rosters {
    /// The tenant's people as of now: what was committed before this call is in it.
    pub async fn current(
        &self,
        db: &impl ConnectionTrait,
        vault: &Vault,
        tenant: TenantId,
    ) -> Result<Arc<Mutex<Roster>>> {
        let roster = lock(&self.0).entry(tenant).or_default().clone();
        let (known, touched, now) = {
            let roster = lock(&roster);
            (roster.change, roster.touched, Instant::now())
        };
        // What another program wrote without a number may have changed at any time.
        let changed = Sql::any().add(person::Column::Change.gt(known)).add(person::Column::Change.eq(0));
        let rows = person::Entity::find()
            .filter(person::Column::TenantId.eq(tenant.uuid()))
            .filter(changed)
            .all(db)
            .await?;
        let rows = vault.open(db, rows).await?;
        let mut current = lock(&roster);
        rows.into_iter().for_each(|row| current.take(row));
        if current.touched == touched {
            current.seen = Some(now);
        }
        drop(current);
        Ok(roster)
    }

    /// The tenant's people as of a second ago at most, and with all that this process has changed.
    pub async fn recent(
        &self,
        db: &impl ConnectionTrait,
        vault: &Vault,
        tenant: TenantId,
    ) -> Result<Arc<Mutex<Roster>>> {
        let known = lock(&self.0).get(&tenant).cloned();
        match known.filter(|roster| lock(roster).seen.is_some_and(|seen| seen.elapsed() < RECENT)) {
            Some(roster) => Ok(roster),
            None => self.current(db, vault, tenant).await,
        }
    }

    /// The numbers of changes of rights, as the database has them: where one has risen, people may have changed.
    pub fn heard(&self, epochs: &HashMap<TenantId, i64>) {
        for (tenant, epoch) in epochs {
            if lock(&self.1).insert(*tenant, *epoch) != Some(*epoch) {
                self.touch(*tenant);
            }
        }
    }

    /// Something changed: it is looked at before it is used again.
    pub fn touch(&self, tenant: TenantId) {
        if let Some(roster) = lock(&self.0).get(&tenant) {
            let mut roster = lock(roster);
            roster.touched += 1;
            roster.seen = None;
        }
    }
}

impl Roster {
    /// Takes over a row, unless a newer one is known: two who look at once may finish in any order.
    fn take(&mut self, row: person::Model) {
        if self.people.get(&row.id).is_some_and(|known| known.change > row.change) {
            return;
        }
        self.change = self.change.max(row.change);
        if let Some(known) = self.people.remove(&row.id) {
            self.by_name.remove(&(known.name, row.id));
            self.by_external_id.remove(&(known.external_id, row.id));
            leave(&mut self.by_manager, known.manager, row.id);
            leave(&mut self.by_team, known.team, row.id);
        }
        if row.erased_at.is_some() {
            return;
        }
        self.by_name.insert((row.display_name.clone(), row.id));
        self.by_external_id.insert((row.external_id.clone(), row.id));
        join(&mut self.by_manager, row.manager_id, row.id);
        join(&mut self.by_team, row.team_id, row.id);
        let entry = Entry {
            change: row.change,
            name: row.display_name,
            external_id: row.external_id,
            discipline: row.discipline,
            team: row.team_id,
            manager: row.manager_id,
            position: row.position_id,
        };
        self.people.insert(row.id, entry);
    }

    /// The next people of a list behind a key, at most so many; `backward` reads against the list's order.
    pub fn next(
        &self,
        filter: &PeopleFilter,
        from: Option<&PageKey>,
        backward: bool,
        most: usize,
    ) -> Vec<PageKey> {
        let order = match filter.order {
            PeopleOrder::Name => &self.by_name,
            PeopleOrder::ExternalId => &self.by_external_id,
        };
        let from = from.map_or(Bound::Unbounded, |key| Bound::Excluded((key.sort.clone(), key.id)));
        let holds = |(_, id): &&(String, Uuid)| self.holds(&filter.condition, *id);
        let key = |(sort, id): &(String, Uuid)| PageKey { sort: sort.clone(), id: *id };
        if filter.descending == backward {
            order.range((from, Bound::Unbounded)).filter(holds).take(most).map(key).collect()
        } else {
            order.range((Bound::Unbounded, from)).rev().filter(holds).take(most).map(key).collect()
        }
    }

    /// Adds everybody who reports to this one, directly or through others.
    pub fn below(&self, manager: Uuid, people: &mut HashSet<Uuid>) {
        let (mut from, mut seen) = (vec![manager], HashSet::from([manager]));
        while let Some(manager) = from.pop() {
            for person in self.by_manager.get(&manager).into_iter().flatten() {
                people.insert(*person);
                // Even a circle would end.
                if seen.insert(*person) {
                    from.push(*person);
                }
            }
        }
    }

    /// Everybody in this team.
    pub fn members(&self, team: Uuid) -> impl Iterator<Item = Uuid> + '_ {
        self.by_team.get(&team).into_iter().flatten().copied()
    }

    /// How many people there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether this person is there.
    pub fn knows(&self, person: Uuid) -> bool {
        self.people.contains_key(&person)
    }

    fn holds(&self, condition: &Condition<PersonTest>, id: Uuid) -> bool {
        self.people.get(&id).is_some_and(|entry| entry.holds(condition))
    }
}

fn join(groups: &mut HashMap<Uuid, HashSet<Uuid>>, group: Option<Uuid>, person: Uuid) {
    if let Some(group) = group {
        groups.entry(group).or_default().insert(person);
    }
}

fn leave(groups: &mut HashMap<Uuid, HashSet<Uuid>>, group: Option<Uuid>, person: Uuid) {
    if let Some(people) = group.and_then(|group| groups.get_mut(&group)) {
        people.remove(&person);
    }
}

impl Entry {
    fn holds(&self, condition: &Condition<PersonTest>) -> bool {
        match condition {
            Condition::All(all) => all.iter().all(|one| self.holds(one)),
            Condition::Any(any) => any.iter().any(|one| self.holds(one)),
            Condition::Not(one) => !self.holds(one),
            Condition::Is(test) => self.passes(test),
        }
    }

    fn passes(&self, test: &PersonTest) -> bool {
        match test {
            PersonTest::Name(test) => text(&self.name, test),
            PersonTest::ExternalId(test) => text(&self.external_id, test),
            PersonTest::Discipline(test) => text(&self.discipline, test),
            PersonTest::Team(teams) => one_of(self.team, teams),
            PersonTest::Manager(people) => one_of(self.manager, people),
            PersonTest::Position(positions) => one_of(self.position, positions),
        }
    }
}

fn one_of<I: DomainId>(id: Option<Uuid>, ids: &[I]) -> bool {
    id.is_some_and(|id| ids.iter().any(|one| one.uuid() == id))
}

fn text(text: &str, test: &TextTest) -> bool {
    let text = text.to_lowercase();
    match test {
        TextTest::In(values) => values.iter().any(|value| value.to_lowercase() == text),
        TextTest::StartsWith(start) => text.starts_with(&start.to_lowercase()),
        TextTest::Contains(part) => text.contains(&part.to_lowercase()),
    }
}
