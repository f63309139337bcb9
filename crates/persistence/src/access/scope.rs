//! How far somebody reaches: worked out on the roster, applied as SQL. Values are always parameters.

use crate::Persistence;
use crate::database::any;
use crate::error::Result;
use crate::lock::lock;
use crate::people::roster::Roster;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};
use std::collections::HashSet;
use uuid::Uuid;
use waymark_domain::access::{Action, Reach, Relation, Scoped, scope};
use waymark_domain::kernel::{Actor, DomainId};

/// Which columns of a table say whose row it is.
pub(crate) struct Columns<C> {
    pub tenant: C,
    /// The person whom it is about.
    pub person: C,
    /// Who wrote it, where that matters.
    pub author: Option<C>,
}

/// Whom somebody reaches.
pub(crate) struct Reached {
    tenant: Uuid,
    /// None: everybody.
    people: Option<HashSet<Uuid>>,
    authors: Vec<Uuid>,
    but_not: Option<Uuid>,
}

impl Persistence {
    /// Whom the viewer reaches for an action. What other processes changed of lines and teams counts within a second, what
    /// this one changed at once.
    pub(crate) async fn reached(&self, viewer: &Actor, action: Action) -> Result<Reached> {
        let scope = scope(viewer, action);
        let people = match scope.reach() {
            Reach::Everybody => None,
            Reach::Related(_) => {
                let roster = self.rosters.recent(self.pool(), &self.vault, scope.tenant()).await?;
                let roster = lock(&roster);
                Some(people(&roster, &scope))
            }
        };
        Ok(Reached {
            tenant: scope.tenant().uuid(),
            people,
            authors: authors(&scope),
            but_not: scope.but_not().map(DomainId::uuid),
        })
    }
}

fn people(roster: &Roster, scope: &Scoped) -> HashSet<Uuid> {
    let Reach::Related(relations) = scope.reach() else { return HashSet::new() };
    let mut people = HashSet::new();
    for relation in relations {
        match relation {
            Relation::Is(person) => drop(people.insert(person.uuid())),
            Relation::ReportsTo(manager) => roster.below(manager.uuid(), &mut people),
            Relation::MemberOf(team) => people.extend(roster.members(team.uuid())),
            Relation::WrittenBy(_) => {}
        }
    }
    people
}

fn authors(scope: &Scoped) -> Vec<Uuid> {
    let Reach::Related(relations) = scope.reach() else { return Vec::new() };
    let author = |relation: &Relation| match relation {
        Relation::WrittenBy(author) => Some(author.uuid()),
        _ => None,
    };
    relations.iter().filter_map(author).collect()
}

impl Reached {
    /// Whether this person is among them.
    pub fn covers(&self, person: Uuid) -> bool {
        self.but_not != Some(person) && self.people.as_ref().is_none_or(|people| people.contains(&person))
    }

    /// Their rows.
    pub fn rows<C: ColumnTrait>(&self, db: &impl ConnectionTrait, columns: &Columns<C>) -> Condition {
        let mut rows = Condition::all().add(columns.tenant.eq(self.tenant));
        if let Some(people) = &self.people {
            rows = rows.add(self.related(db, people, columns));
        }
        if let Some(person) = self.but_not {
            rows = rows.add(columns.person.ne(person));
        }
        rows
    }

    fn related<C: ColumnTrait>(
        &self,
        db: &impl ConnectionTrait,
        people: &HashSet<Uuid>,
        columns: &Columns<C>,
    ) -> SimpleExpr {
        let mut reached = Vec::new();
        // Of a single one it is an equality, so that an index keeps its order.
        match people.iter().next() {
            Some(person) if people.len() == 1 => reached.push(columns.person.eq(*person)),
            Some(_) => reached.push(any(db, columns.person, people.iter().copied())),
            None => {}
        }
        if let Some(author) = columns.author.filter(|_| !self.authors.is_empty()) {
            reached.push(author.is_in(self.authors.iter().copied()));
        }
        // Nothing would hold for everything.
        reached.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::value(1).eq(0))
    }
}
