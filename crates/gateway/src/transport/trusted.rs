//! Checking a manifest of trusted documents before it is put to use.

use super::Manifest;
use super::limits::{self, Bounds};
use crate::engine::OnlyValidate;
use async_graphql::parser::types::{BaseType, ExecutableDocument, Type};
use async_graphql::{Request, ServerError, Variables};

/// A document that the service would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Its name, or its id.
    pub name: String,
    /// Everything that is wrong with it, with its place where it has one.
    pub problems: Vec<String>,
}

/// The documents of a manifest that do not fit the schema or the limits.
pub async fn check_operations(manifest: &Manifest) -> Vec<Invalid> {
    let schema = crate::schema::bare();
    let mut invalid = Vec::new();
    for document in &manifest.documents {
        let errors = match within_limits(&document.text) {
            Ok(request) => {
                let mut errors = schema.execute(request.data(OnlyValidate)).await.errors;
                errors.retain(|error| !is_left_out(error));
                errors
            }
            Err(error) => vec![error],
        };
        if !errors.is_empty() {
            let problems = errors.iter().map(problem).collect();
            invalid.push(Invalid { name: document.name.clone(), problems });
        }
    }
    invalid
}

fn within_limits(text: &str) -> Result<Request, ServerError> {
    limits::before_parsing(text, Bounds::TRUSTED)?;
    let parsed = async_graphql::parser::parse_query(text).map_err(ServerError::from)?;
    limits::after_parsing(&parsed, true)?;
    let mut request = Request::new(text).variables(usual_variables(&parsed));
    request.set_parsed_query(parsed);
    Ok(request)
}

/// Sizes of pages that the document leaves to its variables: as large as a page is unless somebody says.
fn usual_variables(document: &ExecutableDocument) -> Variables {
    let mut variables = Variables::default();
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            let Type { base, nullable } = &definition.node.var_type.node;
            let is_number = matches!(base, BaseType::Named(name) if name == "Int");
            if is_number && !nullable && definition.node.default_value.is_none() {
                variables.insert(definition.node.name.node.clone(), 20.into());
            }
        }
    }
    variables
}

/// Other variables have no values here, and need none: that they fit is known from their types.
fn is_left_out(error: &ServerError) -> bool {
    error.message.starts_with("Variable ") && error.message.ends_with(" is not defined.")
}

fn problem(error: &ServerError) -> String {
    match error.locations.first() {
        Some(place) => format!("line {}, column {}: {}", place.line, place.column, error.message),
        None => error.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::TrustedDocument;

    #[tokio::test]
    async fn each_document_is_held_against_the_schema_and_the_limits() {
        let document = |name: &str, text: &str| TrustedDocument {
            id: "a".repeat(64).into(),
            name: name.to_owned(),
            text: text.into(),
        };
        let manifest = Manifest {
            documents: vec![
                document("Fine", "query Fine($first: Int!) { people(first: $first) { nodes { id } } }"),
                document("Many", "query Many($ids: [ID!]!) { nodes(ids: $ids) { id } }"),
                document("Live", "subscription Live($id: ID!) { progressEvents(person: $id) { id } }"),
                document("Unknown", "query Unknown {\n  viewr { actorId }\n}"),
                document("Broken", "query {"),
                document(
                    "Costly",
                    "{ people(first: 100) { nodes { reports(first: 100) { nodes { id } } } } }",
                ),
                document("Deep", &format!("{}a{}", "{a".repeat(11), "}".repeat(11))),
            ],
        };
        let invalid = check_operations(&manifest).await;
        let names: Vec<&str> = invalid.iter().map(|invalid| invalid.name.as_str()).collect();
        assert_eq!(names, ["Unknown", "Broken", "Costly", "Deep"], "{invalid:?}");
        assert!(invalid[0].problems[0].contains("viewr"), "{invalid:?}");
    }
}
