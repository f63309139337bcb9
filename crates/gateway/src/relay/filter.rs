//! Filters of lists: `and`, `or`, `not` over bounded tests.

use super::{GlobalId, NodeType};
use crate::error::{Code, coded};
use async_graphql::{Enum, ID, InputObject, MaybeUndefined, Result};
use waymark_domain::kernel::DomainId;
use waymark_domain::ports::{Condition, TextTest};

/// Most tests of one filter.
const MOST_TESTS: usize = 20;
/// Most groups of one filter, `and`, `or` and `not` among them.
const MOST_GROUPS: usize = 50;
/// Deepest nesting of one filter.
const DEEPEST: usize = 5;
/// Most values of one test.
const MOST_VALUES: usize = 100;
/// Longest text of one test, in characters.
const LONGEST: usize = 120;

/// Which way a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum OrderDirection {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
}

/// Tests of a text, whatever the case of its letters; all that are given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub(crate) struct TextFilter {
    /// It is this; not null, which is like nothing.
    eq: MaybeUndefined<String>,
    /// It is one of these, at most 100.
    r#in: Option<Vec<String>>,
    /// It begins so.
    starts_with: Option<String>,
    /// This stands somewhere in it.
    contains: Option<String>,
}

/// Tests of a reference; all that are given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub(crate) struct IdFilter {
    /// It is this; not null, which is like nothing.
    eq: MaybeUndefined<ID>,
    /// It is one of these, at most 100.
    r#in: Option<Vec<ID>>,
}

/// Collects the tests of one filter, within bounds.
pub(crate) struct Tests<T> {
    all: Vec<Condition<T>>,
}

impl<T> Default for Tests<T> {
    fn default() -> Self {
        Self { all: Vec::new() }
    }
}

impl<T> Tests<T> {
    /// One more that must hold.
    pub fn push(&mut self, condition: impl Into<Condition<T>>) {
        self.all.push(condition.into());
    }

    /// Those of a text.
    pub fn text(&mut self, filter: Option<TextFilter>, test: impl Fn(TextTest) -> T) -> Result<()> {
        let TextFilter { eq, r#in, starts_with, contains } = filter.unwrap_or_default();
        let values = compared(eq)?.map(|value| vec![value]).into_iter().chain(r#in);
        let tests = values.map(TextTest::In);
        let tests =
            tests.chain(starts_with.map(TextTest::StartsWith)).chain(contains.map(TextTest::Contains));
        for text in tests {
            check_text(&text)?;
            self.push(test(text));
        }
        Ok(())
    }

    /// Those of a reference. An id of another type is the id of nothing.
    pub fn ids<I: DomainId>(
        &mut self,
        filter: Option<IdFilter>,
        node: NodeType,
        test: impl Fn(Vec<I>) -> T,
    ) -> Result<()> {
        self.ids_as(filter, |id| GlobalId::of(node, id), test)
    }

    /// Those of a reference that is read in its own way. What cannot be read is the id of nothing.
    pub fn ids_as<V>(
        &mut self,
        filter: Option<IdFilter>,
        read: impl Fn(&str) -> Option<V>,
        test: impl Fn(Vec<V>) -> T,
    ) -> Result<()> {
        let IdFilter { eq, r#in } = filter.unwrap_or_default();
        for ids in compared(eq)?.map(|id| vec![id]).into_iter().chain(r#in) {
            check_count(ids.len())?;
            self.push(test(ids.iter().filter_map(|id| read(id)).collect()));
        }
        Ok(())
    }

    /// Those of a value of a small set.
    pub fn values<V>(&mut self, values: Option<Vec<V>>, test: impl Fn(Vec<V>) -> T) -> Result<()> {
        if let Some(values) = values {
            check_count(values.len())?;
            self.push(test(values));
        }
        Ok(())
    }

    /// All of them together with what nests in `and`, `or` and `not`.
    pub fn with<W>(
        mut self,
        and: Option<Vec<W>>,
        or: Option<Vec<W>>,
        not: Option<Box<W>>,
        inner: impl Fn(W) -> Result<Condition<T>>,
    ) -> Result<Condition<T>> {
        let all = |all: Vec<W>| all.into_iter().map(&inner).collect::<Result<Vec<_>>>();
        if let Some(and) = and {
            self.push(Condition::All(all(and)?));
        }
        if let Some(or) = or {
            self.push(Condition::Any(all(or)?));
        }
        if let Some(not) = not {
            self.push(Condition::Not(Box::new(inner(*not)?)));
        }
        Ok(Condition::All(self.all))
    }
}

/// The condition, if it is within bounds.
pub(crate) fn bounded<T>(condition: Condition<T>) -> Result<Condition<T>> {
    let Measure { tests, groups, depth } = Measure::of(&condition);
    if tests > MOST_TESTS || groups > MOST_GROUPS || depth > 2 * DEEPEST {
        let message = format!("A filter has at most {MOST_TESTS} tests, nested at most {DEEPEST} deep.");
        return Err(coded(Code::BadUserInput, message));
    }
    Ok(condition)
}

/// What a filter comes to.
#[derive(Default)]
struct Measure {
    tests: usize,
    groups: usize,
    depth: usize,
}

impl Measure {
    fn of<T>(condition: &Condition<T>) -> Self {
        match condition {
            Condition::Is(_) => Self { tests: 1, ..Self::default() },
            Condition::Not(inner) => Self::of(inner).grouped(),
            Condition::All(all) | Condition::Any(all) => {
                let together = |sum: Self, one: Self| Self {
                    tests: sum.tests + one.tests,
                    groups: sum.groups + one.groups,
                    depth: sum.depth.max(one.depth),
                };
                all.iter().map(Self::of).fold(Self::default(), together).grouped()
            }
        }
    }

    fn grouped(self) -> Self {
        Self { groups: self.groups + 1, depth: self.depth + 1, ..self }
    }
}

/// Null would let everything through where somebody meant to compare with a value that they lack.
fn compared<V>(value: MaybeUndefined<V>) -> Result<Option<V>> {
    match value {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Value(value) => Ok(Some(value)),
        MaybeUndefined::Null => {
            let message = "`eq` compares with a value: leave it out where there is none.";
            Err(coded(Code::BadUserInput, message))
        }
    }
}

fn check_text(test: &TextTest) -> Result<()> {
    let texts = match test {
        TextTest::In(texts) => texts.as_slice(),
        TextTest::StartsWith(text) | TextTest::Contains(text) => std::slice::from_ref(text),
    };
    check_count(texts.len())?;
    if texts.iter().any(|text| text.chars().count() > LONGEST) {
        return Err(coded(
            Code::BadUserInput,
            format!("A text to look for has at most {LONGEST} characters."),
        ));
    }
    Ok(())
}

fn check_count(count: usize) -> Result<()> {
    if count > MOST_VALUES {
        let message = format!("A test compares with at most {MOST_VALUES} values, not {count}.");
        return Err(coded(Code::BadUserInput, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_has_bounds() {
        let tests = |count| Condition::All(vec![Condition::Is(()); count]);
        assert!(bounded(tests(MOST_TESTS)).is_ok());
        assert!(bounded(tests(MOST_TESTS + 1)).is_err());
        let empty = |count| Condition::<()>::Any((0..count).map(|_| Condition::All(Vec::new())).collect());
        assert!(bounded(empty(MOST_GROUPS - 1)).is_ok());
        assert!(bounded(empty(MOST_GROUPS)).is_err(), "groups without tests count as well");
        let nested = |depth| (0..depth).fold(Condition::Is(()), |inner, _| Condition::Not(Box::new(inner)));
        assert!(bounded(nested(2 * DEEPEST)).is_ok());
        assert!(bounded(nested(2 * DEEPEST + 1)).is_err());
    }
}
