//! JSON Schemas: one file per event type and version, golden in `crates/events/schemas`.

use crate::CATALOGUE;

/// The URI that names a type's schema in `ce_dataschema` and in the schema's `$id`.
#[must_use]
pub fn uri(event_type: &str) -> String {
    format!("urn:waymark:schema:{event_type}")
}

/// Every schema as (file name, JSON text with a final newline), in the catalogue's order.
///
/// # Errors
/// When a schema cannot be written as JSON.
pub fn files() -> serde_json::Result<Vec<(String, String)>> {
    CATALOGUE
        .iter()
        .map(|event_type| {
            let mut schema = (event_type.schema)();
            schema.insert("$id".to_owned(), uri(event_type.name).into());
            let text = serde_json::to_string_pretty(&schema)?;
            Ok((format!("{}.json", event_type.name), text + "\n"))
        })
        .collect()
}
