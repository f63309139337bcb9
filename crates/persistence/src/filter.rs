//! Conditions of lists as SQL. Values are always parameters.

use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition as Sql};
use waymark_domain::ports::{Condition, TextTest};

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

/// A test of a text column.
pub(crate) fn text(column: impl ColumnTrait, test: &TextTest) -> SimpleExpr {
    let lowered = || Expr::expr(Func::lower(column.into_expr()));
    match test {
        TextTest::In(values) => lowered().is_in(values.iter().map(|value| value.to_lowercase())),
        TextTest::StartsWith(text) => lowered().like(pattern("", text, "%")),
        TextTest::Contains(text) => lowered().like(pattern("%", text, "%")),
    }
}

/// A pattern in which the text stands for itself.
fn pattern(before: &str, text: &str, after: &str) -> LikeExpr {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("{before}{escaped}{after}")).escape('\\')
}
