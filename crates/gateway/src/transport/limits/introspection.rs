//! Whether a document asks for the schema.

use super::super::document::request_error;
use crate::error::Code;
use async_graphql::ServerError;
use async_graphql::parser::types::Field;

/// Fields of the root that tell the schema; no other type has any of these names.
const TELLING: [&str; 3] = ["__schema", "__type", "_service"];

/// Refuses documents that ask for the schema.
pub(super) fn refuse(fields: &[&Field]) -> Result<(), ServerError> {
    let asks = fields.iter().any(|field| TELLING.contains(&field.name.node.as_str()));
    if asks {
        let message = "The schema is not told here; it is published as schema.graphql.";
        return Err(request_error(Code::IntrospectionDisabled, message));
    }
    Ok(())
}
