//! How far somebody reaches, as SQL. Values are always parameters.

use crate::people::row::person;
use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, ExprTrait, JoinType, Query, SelectStatement, SimpleExpr, UnionType,
    WithClause,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend};
use uuid::Uuid;
use waymark_domain::access::{Reach, Relation, Scoped};
use waymark_domain::kernel::DomainId;

/// Which columns of a table say whose row it is.
pub(crate) struct Columns<C> {
    pub tenant: C,
    /// The person whom it is about.
    pub person: C,
    /// Who wrote it, where that matters.
    pub author: Option<C>,
}

/// The rows within reach.
pub(crate) fn within<C: ColumnTrait>(
    db: &impl ConnectionTrait,
    scope: &Scoped,
    columns: &Columns<C>,
) -> Condition {
    let mut rows = Condition::all().add(columns.tenant.eq(scope.tenant().uuid()));
    if let Reach::Related(relations) = scope.reach() {
        rows = rows.add(related(db.get_database_backend(), scope.tenant().uuid(), relations.iter(), columns));
    }
    if let Some(person) = scope.but_not() {
        rows = rows.add(columns.person.ne(person.uuid()));
    }
    rows
}

fn related<'r, C: ColumnTrait>(
    backend: DbBackend,
    tenant: Uuid,
    relations: impl Iterator<Item = &'r Relation>,
    columns: &Columns<C>,
) -> SimpleExpr {
    let (mut people, mut managers, mut teams, mut authors) = (vec![], vec![], vec![], vec![]);
    for relation in relations {
        match *relation {
            Relation::Is(person) => people.push(person.uuid()),
            Relation::ReportsTo(manager) => managers.push(manager.uuid()),
            Relation::MemberOf(team) => teams.push(team.uuid()),
            Relation::WrittenBy(author) => authors.push(author.uuid()),
        }
    }
    let mut reached = Vec::new();
    if !people.is_empty() {
        reached.push(columns.person.is_in(people));
    }
    if !managers.is_empty() {
        reached.push(one_of(backend, columns.person, line(tenant, managers)));
    }
    if !teams.is_empty() {
        reached.push(one_of(backend, columns.person, members(tenant, teams)));
    }
    if let Some(author) = columns.author.filter(|_| !authors.is_empty()) {
        reached.push(author.is_in(authors));
    }
    // Nothing would hold for everything.
    reached.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::value(1).eq(0))
}

/// The column is one of what the query finds. PostgreSQL finds it once, as an array, and can then use the index of the
/// column; behind an `or` it would look at every row for an `in`.
fn one_of(backend: DbBackend, column: impl ColumnTrait, found: SelectStatement) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => {
            let found = SimpleExpr::SubQuery(None, Box::new(found.into()));
            Expr::cust_with_exprs("$1 = any(array($2))", [column.into_expr(), found])
        }
        _ => column.in_subquery(found),
    }
}

/// Everybody in these teams.
fn members(tenant: Uuid, teams: Vec<Uuid>) -> SelectStatement {
    Query::select()
        .column(person::Column::Id)
        .from(person::Entity)
        .and_where(person::Column::TenantId.eq(tenant))
        .and_where(person::Column::TeamId.is_in(teams))
        .to_owned()
}

/// Everybody who reports to these, directly or through others. `union`, not `union all`: even a circle in the rows
/// would end.
fn line(tenant: Uuid, managers: Vec<Uuid>) -> SelectStatement {
    let (line, below, id) = (|| Alias::new("line"), || Alias::new("below"), || Alias::new("id"));
    let direct = Query::select()
        .column(person::Column::Id)
        .from(person::Entity)
        .and_where(person::Column::TenantId.eq(tenant))
        .and_where(person::Column::ManagerId.is_in(managers))
        .to_owned();
    let further = Query::select()
        .column((below(), person::Column::Id))
        .from_as(person::Entity, below())
        .join(
            JoinType::InnerJoin,
            line(),
            Expr::col((below(), person::Column::ManagerId)).equals((line(), id())),
        )
        .and_where(Expr::col((below(), person::Column::TenantId)).eq(tenant))
        .to_owned();
    let rows = direct.clone().union(UnionType::Distinct, further).to_owned();
    let table = CommonTableExpression::new().table_name(line()).column(id()).query(rows).to_owned();
    let with = WithClause::new().recursive(true).cte(table).to_owned();
    Query::select().column(id()).from(line()).with_cte(with).to_owned()
}
