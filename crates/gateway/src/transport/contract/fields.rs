//! The fields of a JSON Schema as lines of a table.

use serde_json::Value;

/// A field as a reader sees it.
pub(super) struct Field {
    /// `claims[].level`
    pub path: String,
    /// `integer, 0 to 5`
    pub kind: String,
    /// Whether it is always there.
    pub required: bool,
    /// What it is.
    pub description: String,
}

/// The fields of an object and of the objects in it, outer ones first.
pub(super) fn of(schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    // Those still to be looked at, with the path to them; no recursion, whatever the document is like.
    let mut open = vec![(String::new(), schema)];
    while let Some((prefix, schema)) = open.pop() {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{prefix}{name}");
            let inner =
                field.get("items").map_or((format!("{path}."), field), |items| (format!("{path}[]."), items));
            open.push(inner);
            found.push(Field {
                kind: kind(field),
                required: required.contains(&name.as_str()),
                description: text(field, "description").to_owned(),
                path,
            });
        }
    }
    found
}

/// A member of an object that is text; empty when it is missing.
pub(super) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

fn kind(field: &Value) -> String {
    if let Some(constant) = field["const"].as_str() {
        return format!("\"{constant}\"");
    }
    let mut kind = match &field["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind_of_items(&field["items"])),
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    };
    // `uint8` and the like are of interest to generators alone.
    if let Some(format) = field["format"].as_str().filter(|_| kind.contains("string")) {
        kind = format!("{kind} ({format})");
    }
    match (field["minimum"].as_f64(), field["maximum"].as_f64()) {
        (Some(least), Some(most)) => format!("{kind}, {least} to {most}"),
        (Some(least), None) => format!("{kind}, from {least}"),
        (None, Some(most)) => format!("{kind}, up to {most}"),
        (None, None) => kind,
    }
}

fn kind_of_items(items: &Value) -> String {
    match (items["type"].as_str(), items["format"].as_str()) {
        (Some(name), Some(format)) => format!("{name} ({format})"),
        (Some(name), None) => name.to_owned(),
        (None, _) => "any".to_owned(),
    }
}
