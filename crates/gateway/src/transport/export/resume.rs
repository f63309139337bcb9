//! An export as JSON Resume (<https://jsonresume.org/schema>), for tools that make résumés.

use serde_json::{Map, Value, json};

/// The résumé that follows from an export: who they are, positions, skills, and what they did.
pub(super) fn of(content: &Value) -> Value {
    let tables = &content["tables"];
    let person = &tables["person"][0];
    let basics =
        [("name", &person["displayName"]), ("email", &person["email"]), ("label", &person["discipline"])];
    json!({
        "basics": present(basics),
        "work": rows(&tables["assignments"], |row| row["supersededAt"].is_null(), work),
        "skills": rows(&tables["skills"], |row| row["effectiveLevel"].as_u64() > Some(0), skill),
        "projects": rows(&tables["evidence"], counts, project),
    })
}

/// The fields that have a value: the schema has no null.
fn present<'a>(fields: impl IntoIterator<Item = (&'static str, &'a Value)>) -> Map<String, Value> {
    let there = fields.into_iter().filter(|(_, value)| !value.is_null());
    there.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn rows(
    table: &Value,
    keep: impl Fn(&Value) -> bool,
    row: impl Fn(&Value) -> Map<String, Value>,
) -> Vec<Value> {
    let kept = table.as_array().into_iter().flatten().filter(|value| keep(value));
    kept.map(|value| Value::Object(row(value))).collect()
}

fn work(row: &Value) -> Map<String, Value> {
    present([("position", &row["position"]), ("startDate", &row["from"]), ("endDate", &row["to"])])
}

fn skill(row: &Value) -> Map<String, Value> {
    let level = Value::String(row["effectiveLevel"].to_string());
    present([("name", &row["skill"]), ("level", &level)])
}

/// What the person stands by.
fn counts(row: &Value) -> bool {
    matches!(row["state"].as_str(), Some("ACCEPTED" | "VERIFIED"))
}

fn project(row: &Value) -> Map<String, Value> {
    let url = row["links"].as_str().and_then(|links| links.split(' ').next()).filter(|url| !url.is_empty());
    let url = url.map_or(Value::Null, Into::into);
    present([
        ("name", &row["title"]),
        ("description", &row["body"]),
        ("startDate", &row["occurredOn"]),
        ("url", &url),
    ])
}
