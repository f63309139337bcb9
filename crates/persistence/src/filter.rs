//! Conditions of lists as SQL. Values are always parameters.

use sea_orm::Condition as Sql;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use waymark_domain::ports::Condition;

/// The condition as SQL; `test` says what a single test is.
pub(crate) fn sql<T>(condition: &Condition<T>, test: &impl Fn(&T) -> SimpleExpr) -> Sql {
    match condition {
        Condition::All(all) => all.iter().fold(Sql::all(), |sql, one| sql.add(self::sql(one, test))),
        // An empty `any` would hold for everything.
        Condition::Any(none) if none.is_empty() => Sql::all().add(Expr::value(1).eq(0)),
        Condition::Any(all) => all.iter().fold(Sql::any(), |sql, one| sql.add(self::sql(one, test))),
        Condition::Not(one) => self::sql(one, test).not(),
        Condition::Is(one) => Sql::all().add(test(one)),
    }
}
