//! How far somebody reaches: worked out on the roster, applied as SQL. Values are always parameters.

use crate::Persistence;
use crate::database::any;
use crate::error::Result;
use crate::lock::lock;
use crate::people::roster::Roster;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend};
use std::collections::HashSet;
use uuid::Uuid;
use waymark_domain::access::{Action, Reach, Relation, Scoped, scope};
use waymark_domain::kernel::{Actor, DomainId};

/// One of so many people of a tenant, and more, are many.
const MANY: usize = 20;

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
    /// Whether they are many of those whom there are.
    many: bool,
    authors: Vec<Uuid>,
    but_not: Option<Uuid>,
}

impl Persistence {
    /// Whom the viewer reaches for an action. What other processes changed of lines and teams counts within a second, what
    /// this one changed at once.
    pub(crate) async fn reached(&self, viewer: &Actor, action: Action) -> Result<Reached> {
        let scope = scope(viewer, action);
        let (people, many) = match scope.reach() {
            Reach::Everybody => (None, true),
            Reach::Related(_) => {
                let roster = self.rosters.recent(self.pool(), &self.vault, scope.tenant()).await?;
                let roster = lock(&roster);
                let people = people(&roster, &scope);
                let many = people.len() * MANY > roster.len();
                (Some(people), many)
            }
        };
        Ok(Reached {
            tenant: scope.tenant().uuid(),
            people,
            many,
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
            Some(_) if self.many && db.get_database_backend() == DbBackend::Postgres => {
                let ids: Vec<Uuid> = people.iter().copied().collect();
                let column = columns.person.into_expr();
                // Not a column any more, so no index of the person is used: a page then follows the index of its order,
                // and soon finds enough. PostgreSQL, which plans for any number of ids, would sort all their rows.
                reached.push(Expr::cust_with_exprs("coalesce($1, $1) = any($2)", [column, Expr::value(ids)]));
            }
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
