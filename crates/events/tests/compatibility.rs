//! The schemas against those of the last release (`baseline`): old and new consumers must read old and new events.
//! So optional fields may come and go; whatever else validates differently is a new event type.

use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, error::Error, fs, path::Path};

/// What says something about a schema without changing what it accepts.
const ANNOTATIONS: [&str; 5] = ["$id", "$schema", "title", "description", "examples"];

/// Why `new` isn't compatible with `old` in both directions: one line a reason, each with the field's path.
fn breaks(path: &str, old: &Value, new: &Value) -> Vec<String> {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        let changed = format!("{path}: the schema changed from {old} to {new}");
        return if old == new { Vec::new() } else { vec![changed] };
    };
    let mut found = Vec::new();
    for keyword in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (&old.get(keyword), &new.get(keyword));
        match keyword.as_str() {
            name if ANNOTATIONS.contains(&name) => {}
            "properties" => found.extend(fields(path, old, new)),
            "required" => found.extend(required(path, &names(*before), &names(*after))),
            "items" => match (before, after) {
                (Some(before), Some(after)) => found.extend(breaks(&format!("{path}[]"), before, after)),
                _ => found.push(format!("{path}: items appeared or disappeared")),
            },
            _ if before == after => {}
            _ => {
                found.push(format!("{path}: {keyword} changed from {} to {}", shown(*before), shown(*after)))
            }
        }
    }
    found
}

/// Fields that both sides have are compared; whether one may come or go is decided by `required`.
fn fields(path: &str, old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<String> {
    let new = new.get("properties").and_then(Value::as_object);
    let old = old.get("properties").and_then(Value::as_object).into_iter().flatten();
    old.filter_map(|(name, before)| Some(breaks(&format!("{path}.{name}"), before, new?.get(name)?)))
        .flatten()
        .collect()
}

fn required(path: &str, old: &BTreeSet<&str>, new: &BTreeSet<&str>) -> Vec<String> {
    let gone = old.difference(new).map(|name| format!("{path}.{name}: was required and is no longer"));
    let added = new.difference(old).map(|name| format!("{path}.{name}: is newly required"));
    gone.chain(added).collect()
}

fn names(value: Option<&Value>) -> BTreeSet<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

#[test]
fn every_schema_is_compatible_with_the_last_release() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline");
    let fresh = waymark_events::schema::files()?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let old: Value = serde_json::from_str(&fs::read_to_string(entry.path())?)?;
        match fresh.iter().find(|(file, _)| *file == name) {
            Some((_, text)) => found.extend(breaks(&name, &old, &serde_json::from_str(text)?)),
            None => found.push(format!("{name}: the event type is gone")),
        }
    }
    assert!(found.is_empty(), "not compatible with the last release:\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn optional_fields_come_and_go_and_nothing_else_changes() {
    let base = json!({"type": "object", "required": ["a"], "properties": {
        "a": {"type": "string", "format": "uuid", "enum": ["x", "y"], "pattern": "^.$"},
        "b": {"type": "array", "items": {"type": "integer", "minimum": 1}}}});
    let cases = [
        ("/properties/c", json!({"type": "string"}), ""),
        ("/properties/a/description", json!("Other words."), ""),
        ("/required", json!([]), "t.a: was required and is no longer"),
        ("/required", json!(["a", "b"]), "t.b: is newly required"),
        ("/properties/a/type", json!("integer"), "t.a: type changed"),
        ("/properties/a/format", json!("date"), "t.a: format changed"),
        ("/properties/a/enum", json!(["x"]), "t.a: enum changed"),
        ("/properties/a/enum", json!(["x", "y", "z"]), "t.a: enum changed"),
        ("/properties/a/pattern", json!("^x$"), "t.a: pattern changed"),
        ("/properties/b/items/minimum", json!(2), "t.b[]: minimum changed"),
        ("/additionalProperties", json!(false), "t: additionalProperties changed"),
    ];
    for (pointer, value, expected) in cases {
        let mut new = base.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(parent) = new.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.insert(key.to_owned(), value);
        }
        let found = breaks("t", &base, &new).join("\n");
        assert!(found.starts_with(expected) && found.is_empty() == expected.is_empty(), "{pointer}: {found}");
    }
    let mut less = base.clone();
    less["properties"].as_object_mut().and_then(|fields| fields.remove("b"));
    assert_eq!(breaks("t", &base, &less), Vec::<String>::new());
}
