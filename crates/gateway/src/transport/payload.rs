//! All that decides what a mutation does, as bytes: two requests of the same bytes ask for the same.

use async_graphql::{Value, Variables};

/// The bytes of a document, the operation's name and its variables. The order of an object's members means nothing.
pub(super) fn payload(document: &str, operation: Option<&str>, variables: &Variables) -> Vec<u8> {
    let mut bytes = Vec::new();
    text(&mut bytes, document);
    bytes.push(u8::from(operation.is_some()));
    text(&mut bytes, operation.unwrap_or_default());
    for (name, value) in variables.iter() {
        text(&mut bytes, name);
        put(&mut bytes, value);
    }
    bytes
}

fn put(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            bytes.push(b'{');
            for (name, value) in members {
                text(bytes, name);
                put(bytes, value);
            }
            bytes.push(b'}');
        }
        Value::List(entries) => {
            bytes.push(b'[');
            entries.iter().for_each(|value| put(bytes, value));
            bytes.push(b']');
        }
        // As GraphQL writes it: a text is in quotes, a number is not.
        single => text(bytes, &single.to_string()),
    }
}

/// The length keeps neighbours apart.
fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn of(document: &str, operation: Option<&str>, variables: Json) -> Vec<u8> {
        payload(document, operation, &Variables::from_json(variables))
    }

    #[test]
    fn the_order_of_members_means_nothing() {
        let one = serde_json::from_str(r#"{"a": {"b": 1, "c": [null]}, "d": "x"}"#).unwrap();
        let other = serde_json::from_str(r#"{"d": "x", "a": {"c": [null], "b": 1}}"#).unwrap();
        assert_eq!(of("{a}", None, one), of("{a}", None, other));
    }

    #[test]
    fn everything_else_does() {
        let all = [
            of("{a}", None, json!({})),
            of("{b}", None, json!({})),
            of("{a}", Some(""), json!({})),
            of("{a}", Some("a"), json!({})),
            of("{a}", None, json!({"a": 1})),
            of("{a}", None, json!({"a": "1"})),
            of("{a}", None, json!({"a": true})),
            of("{a}", None, json!({"a": "true"})),
            of("{a}", None, json!({"a": null})),
            of("{a}", None, json!({"a": [1, 2]})),
            of("{a}", None, json!({"a": [2, 1]})),
            of("{a}", None, json!({"a": [[1], 2]})),
            of("{a}", None, json!({"a": {"b": 1}})),
            of("{a}", None, json!({"a": "b", "c": "d"})),
            of("{a}", None, json!({"a": "bc", "d": ""})),
        ];
        for (index, one) in all.iter().enumerate() {
            for other in &all[index + 1..] {
                assert_ne!(one, other);
            }
        }
    }
}
