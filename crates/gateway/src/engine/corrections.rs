//! Errors end where the specification says (section 6.4.4, handling execution errors): at the nearest field
//! or list item that may be null, with the whole path to where they arose.
//!
//! The engine lets the error of a resolver pass a field that may be null and nulls that field's parent, and
//! inside lists it cuts the path after the index.

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
};
use async_graphql::{
    PathSegment, QueryPathNode, QueryPathSegment, Response, ServerError, ServerResult, Value,
};
use std::sync::{Arc, Mutex, PoisonError};

/// Corrects each request anew.
pub(crate) struct Corrections;

impl ExtensionFactory for Corrections {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Correction::default())
    }
}

/// The errors of one request that are noted already, each with its true path.
#[derive(Default)]
struct Correction {
    noted: Mutex<Vec<ServerError>>,
}

/// The source of an error that is noted and only passes on that there was one.
struct Noted;

#[async_trait::async_trait]
impl Extension for Correction {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(ctx, operation).await;
        response.errors.retain(|error| error.source::<Noted>().is_none());
        response.errors.append(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner));
        response
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let (node, nullable) = (info.path_node, !info.return_type.ends_with('!'));
        match next.run(ctx, info).await {
            Ok(value) => Ok(value),
            Err(error) => {
                self.note(error, node);
                if nullable { Ok(Some(Value::Null)) } else { Err(noted()) }
            }
        }
    }
}

impl Correction {
    /// Keeps an error at the deepest place that sees it: only there is its path whole.
    fn note(&self, mut error: ServerError, node: &QueryPathNode<'_>) {
        if error.source::<Noted>().is_some() {
            return;
        }
        error.path = path(node);
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).push(error);
    }
}

fn noted() -> ServerError {
    ServerError { source: Some(Arc::new(Noted)), ..ServerError::new(String::new(), None) }
}

fn path(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let segment = |node: &QueryPathNode<'_>| match node.segment {
        QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        QueryPathSegment::Index(index) => PathSegment::Index(index),
    };
    let mut path: Vec<PathSegment> = std::iter::once(node).chain(node.parents()).map(segment).collect();
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::{EmptyMutation, Object, Result, Schema, Subscription};
    use futures_util::StreamExt;
    use serde_json::{Value as Json, json};

    struct Query;
    struct Entry(i32);
    struct Ticks;

    #[Object]
    impl Query {
        async fn entries(&self) -> Vec<Entry> {
            vec![Entry(0), Entry(1)]
        }

        async fn maybe(&self) -> Vec<Option<Entry>> {
            vec![Some(Entry(0)), Some(Entry(1))]
        }

        async fn entry(&self) -> Option<Entry> {
            Some(Entry(1))
        }
    }

    #[Object]
    impl Entry {
        async fn number(&self) -> i32 {
            self.0
        }

        /// May be null, and fails for the second entry.
        async fn nullable(&self) -> Result<Option<i32>> {
            if self.0 == 1 { Err("nullable failed".into()) } else { Ok(Some(7)) }
        }

        /// Must not be null, and fails for the second entry.
        async fn needed(&self) -> Result<i32> {
            if self.0 == 1 { Err("needed failed".into()) } else { Ok(7) }
        }

        async fn deeper(&self) -> Vec<Entry> {
            vec![Entry(self.0), Entry(self.0)]
        }
    }

    #[Subscription]
    impl Ticks {
        async fn ticks(&self) -> impl futures_util::Stream<Item = Entry> {
            futures_util::stream::iter([Entry(0), Entry(1), Entry(0)])
        }
    }

    type Bare = Schema<Query, EmptyMutation, Ticks>;

    fn bare() -> Bare {
        Schema::build(Query, EmptyMutation, Ticks).finish()
    }

    fn corrected() -> Bare {
        Schema::build(Query, EmptyMutation, Ticks).extension(Corrections).finish()
    }

    async fn run(schema: &Bare, query: &str) -> (Json, Vec<Json>) {
        let answer = schema.execute(query).await;
        let data = answer.data.into_json().unwrap();
        (data, answer.errors.iter().map(|error| json!(error.path)).collect())
    }

    #[tokio::test]
    async fn a_field_that_may_be_null_is_nulled_alone() {
        let query = "{ entry { number nullable } }";
        let expected =
            (json!({"entry": {"number": 1, "nullable": null}}), vec![json!(["entry", "nullable"])]);
        assert_eq!(run(&corrected(), query).await, expected);
        assert_ne!(run(&bare(), query).await, expected, "the engine does it right: drop the correction");
    }

    #[tokio::test]
    async fn paths_inside_lists_are_whole() {
        let query = "{ maybe { deeper { needed } } }";
        let path = json!(["maybe", 1, "deeper", 0, "needed"]);
        let (data, paths) = run(&corrected(), query).await;
        assert_eq!(data, json!({"maybe": [{"deeper": [{"needed": 7}, {"needed": 7}]}, null]}));
        assert!(paths.contains(&path), "{paths:?}");
        let (_, paths) = run(&bare(), query).await;
        assert!(!paths.contains(&path), "the engine does it right: drop the correction");
    }

    #[tokio::test]
    async fn what_must_not_be_null_nulls_what_holds_it() {
        let (data, paths) = run(&corrected(), "{ entries { needed } }").await;
        assert_eq!((data, paths), (Json::Null, vec![json!(["entries", 1, "needed"])]));
        let (data, paths) = run(&corrected(), "{ entry { needed } maybe { number needed } }").await;
        assert_eq!(data, json!({"entry": null, "maybe": [{"number": 0, "needed": 7}, null]}));
        assert_eq!(paths.len(), 2, "one error each, none twice: {paths:?}");
    }

    #[tokio::test]
    async fn each_event_has_its_own_errors() {
        let answers: Vec<_> =
            corrected().execute_stream("subscription { ticks { nullable } }").collect().await;
        let errors: Vec<usize> = answers.iter().map(|answer| answer.errors.len()).collect();
        assert_eq!(errors, [0, 1, 0]);
        assert_eq!(json!(answers[1].errors[0].path), json!(["ticks", "nullable"]));
        assert_eq!(answers[1].data.clone().into_json().unwrap(), json!({"ticks": {"nullable": null}}));
    }
}
