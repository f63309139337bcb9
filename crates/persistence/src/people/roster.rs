//! The people of a tenant in memory: what their lists are ordered and filtered by. Names may be sealed in the database,
//! so it cannot order or search them; what a list shows is read from it nevertheless, within the viewer's reach.

use super::row::person;
use crate::error::Result;
use crate::lock::lock;
use crate::vault::Vault;
use sea_orm::{ColumnTrait, Condition as Sql, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex};
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

/// The people of one tenant, as of a change.
#[derive(Default)]
pub(super) struct Roster {
    change: i64,
    people: HashMap<Uuid, Entry>,
    by_name: BTreeSet<(String, Uuid)>,
    by_external_id: BTreeSet<(String, Uuid)>,
}

/// The people of every tenant that was asked for. Costs about 300 bytes a person.
#[derive(Clone, Default)]
pub(crate) struct Rosters(Arc<Mutex<HashMap<TenantId, Arc<Mutex<Roster>>>>>);

impl Rosters {
    /// The tenant's people as of now: what was committed before this call is in it.
    pub(super) async fn current(
        &self,
        db: &impl ConnectionTrait,
        vault: &Vault,
        tenant: TenantId,
    ) -> Result<Arc<Mutex<Roster>>> {
        let roster = lock(&self.0).entry(tenant).or_default().clone();
        let known = lock(&roster).change;
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
        drop(current);
        Ok(roster)
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
        }
        if row.erased_at.is_some() {
            return;
        }
        self.by_name.insert((row.display_name.clone(), row.id));
        self.by_external_id.insert((row.external_id.clone(), row.id));
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

    fn holds(&self, condition: &Condition<PersonTest>, id: Uuid) -> bool {
        self.people.get(&id).is_some_and(|entry| entry.holds(condition))
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
