//! Which evidence a list holds, and in which order.

use super::{EvidenceKind, EvidenceState};
use crate::relay::{IdFilter, NodeType, OrderDirection, Tests, bounded};
use crate::scalars::Date;
use async_graphql::{Enum, InputObject, Result};
use waymark_domain::ports::{Condition, EvidenceFilter, EvidenceOrder, EvidenceTest};

/// Conditions on evidence; all that are given must hold. At most 20 tests, nested at most 5 deep.
#[derive(Debug, Default, InputObject)]
pub(crate) struct EvidenceWhere {
    /// All of these hold.
    and: Option<Vec<EvidenceWhere>>,
    /// One of these holds.
    or: Option<Vec<EvidenceWhere>>,
    /// This does not hold.
    not: Option<Box<EvidenceWhere>>,
    /// Of whom it is about.
    person_id: Option<IdFilter>,
    /// Its kind is one of these.
    kind: Option<Vec<EvidenceKind>>,
    /// Its state is one of these.
    state: Option<Vec<EvidenceState>>,
    /// It happened on this day or later.
    occurred_from: Option<Date>,
    /// It happened on this day or earlier.
    occurred_until: Option<Date>,
}

/// By what evidence is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "EvidenceOrder")]
pub(crate) enum EvidenceOrderField {
    /// By the day on which it happened.
    OccurredOn,
    /// By when it was recorded.
    RecordedAt,
}

/// How evidence is ordered; ties are broken by id.
#[derive(Debug, Clone, InputObject)]
pub(crate) struct EvidenceOrderBy {
    /// By what.
    field: EvidenceOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

impl EvidenceWhere {
    fn condition(self) -> Result<Condition<EvidenceTest>> {
        let mut tests = Tests::default();
        tests.ids(self.person_id, NodeType::Person, EvidenceTest::Person)?;
        tests.values(self.kind, |kinds| EvidenceTest::Kind(kinds.into_iter().map(Into::into).collect()))?;
        tests
            .values(self.state, |states| EvidenceTest::State(states.into_iter().map(Into::into).collect()))?;
        if let Some(day) = self.occurred_from {
            tests.push(EvidenceTest::From(day.0));
        }
        if let Some(day) = self.occurred_until {
            tests.push(EvidenceTest::Until(day.0));
        }
        tests.with(self.and, self.or, self.not, Self::condition)
    }
}

/// The filter that the arguments say, for the evidence to which `only` applies.
pub(crate) fn evidence_filter(
    only: Option<EvidenceTest>,
    given: Option<EvidenceWhere>,
    order: Option<EvidenceOrderBy>,
) -> Result<EvidenceFilter> {
    let given = bounded(given.unwrap_or_default().condition()?)?;
    let condition = match only {
        Some(only) => Condition::All(vec![only.into(), given]),
        None => given,
    };
    Ok(match order {
        None => EvidenceFilter { condition, ..EvidenceFilter::default() },
        Some(order) => EvidenceFilter {
            condition,
            order: order.field.into(),
            descending: order.direction == OrderDirection::Desc,
        },
    })
}
