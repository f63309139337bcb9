//! Which people a list holds, and in which order.

use crate::relay::{IdFilter, NodeType, OrderDirection, Tests, TextFilter, bounded};
use async_graphql::{Enum, InputObject, Result};
use waymark_domain::ports::{Condition, PeopleFilter, PeopleOrder, PersonTest};

/// Conditions on people; all that are given must hold. At most 20 tests, nested at most 5 deep.
#[derive(Debug, Default, InputObject)]
pub(crate) struct PeopleWhere {
    /// All of these hold.
    and: Option<Vec<PeopleWhere>>,
    /// One of these holds.
    or: Option<Vec<PeopleWhere>>,
    /// This does not hold.
    not: Option<Box<PeopleWhere>>,
    /// Of the name.
    display_name: Option<TextFilter>,
    /// Of the id in the organisation's own directory.
    external_id: Option<TextFilter>,
    /// Of what they work as.
    discipline: Option<TextFilter>,
    /// Of the team.
    team_id: Option<IdFilter>,
    /// Of whom they report to directly.
    manager_id: Option<IdFilter>,
    /// Of the position that they hold.
    position_id: Option<IdFilter>,
}

/// By what people are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "PeopleOrder")]
pub(crate) enum PeopleOrderField {
    /// By name.
    Name,
    /// By the id in the organisation's own directory.
    ExternalId,
}

/// How people are ordered; ties are broken by id.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct PeopleOrderBy {
    /// By what.
    field: PeopleOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

impl PeopleWhere {
    fn condition(self) -> Result<Condition<PersonTest>> {
        let mut tests = Tests::default();
        tests.text(self.display_name, PersonTest::Name)?;
        tests.text(self.external_id, PersonTest::ExternalId)?;
        tests.text(self.discipline, PersonTest::Discipline)?;
        tests.ids(self.team_id, NodeType::Team, PersonTest::Team)?;
        tests.ids(self.manager_id, NodeType::Person, PersonTest::Manager)?;
        tests.ids(self.position_id, NodeType::Position, PersonTest::Position)?;
        tests.with(self.and, self.or, self.not, Self::condition)
    }
}

/// The filter that the arguments say, for the people to whom `only` applies.
pub(crate) fn people_filter(
    only: Option<PersonTest>,
    given: Option<PeopleWhere>,
    order: Option<PeopleOrderBy>,
) -> Result<PeopleFilter> {
    let given = bounded(given.unwrap_or_default().condition()?)?;
    let condition = match only {
        Some(only) => Condition::All(vec![only.into(), given]),
        None => given,
    };
    Ok(match order {
        None => PeopleFilter { condition, ..PeopleFilter::default() },
        Some(order) => PeopleFilter {
            condition,
            order: order.field.into(),
            descending: order.direction == OrderDirection::Desc,
        },
    })
}
