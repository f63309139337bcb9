//! Filters of lists: `and`, `or`, `not` over bounded tests.

use super::{GlobalId, NodeType};
use crate::error::{Code, coded};
use async_graphql::{Enum, ID, InputObject, Result};
use waymark_domain::kernel::DomainId;
use waymark_domain::ports::{Condition, TextTest};

/// Most tests of one filter.
const MOST_TESTS: usize = 20;
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
    /// It is this.
    eq: Option<String>,
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
    /// It is this.
    eq: Option<ID>,
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
        let values = eq.map(|value| vec![value]).into_iter().chain(r#in);
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
        let IdFilter { eq, r#in } = filter.unwrap_or_default();
        for ids in eq.map(|id| vec![id]).into_iter().chain(r#in) {
            check_count(ids.len())?;
            self.push(test(ids.iter().filter_map(|id| GlobalId::of(node, id)).collect()));
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
    let (tests, depth) = measure(&condition);
    if tests > MOST_TESTS || depth > 2 * DEEPEST {
        let message = format!("A filter has at most {MOST_TESTS} tests, nested at most {DEEPEST} deep.");
        return Err(coded(Code::BadUserInput, message));
    }
    Ok(condition)
}

/// How many tests, and how deep they nest.
fn measure<T>(condition: &Condition<T>) -> (usize, usize) {
    match condition {
        Condition::Is(_) => (1, 0),
        Condition::Not(inner) => {
            let (tests, depth) = measure(inner);
            (tests, depth + 1)
        }
        Condition::All(all) | Condition::Any(all) => {
            let inner = all.iter().map(measure);
            let (tests, depth) =
                inner.fold((0, 0), |(tests, depth), (more, deep)| (tests + more, depth.max(deep)));
            (tests, depth + 1)
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
        let nested = |depth| (0..depth).fold(Condition::Is(()), |inner, _| Condition::Not(Box::new(inner)));
        assert!(bounded(nested(2 * DEEPEST)).is_ok());
        assert!(bounded(nested(2 * DEEPEST + 1)).is_err());
    }
}
