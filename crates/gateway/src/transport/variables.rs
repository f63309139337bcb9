//! Bounds on variables, before anything looks at what they mean.

use super::document::request_error;
use crate::error::Code;
use async_graphql::ServerError;
use serde_json::Value;

/// Deepest nesting of JSON in variables.
const MAX_JSON_DEPTH: usize = 32;
/// Longest list in variables; no argument takes a longer one.
const MAX_LIST: usize = 100;

/// Refuses variables that no operation takes. `nul` says whether the document itself has one.
pub(super) fn check(variables: &Value, nul: bool) -> Result<(), ServerError> {
    if deeper_than(variables, MAX_JSON_DEPTH) {
        return Err(request_error(Code::BadUserInput, "The variables are nested too deep."));
    }
    if nul || has_nul(variables) {
        return Err(request_error(Code::BadUserInput, "The character U+0000 is not allowed."));
    }
    if let Some(path) = find(variables, &beyond_int) {
        let message = format!("The number ${path} does not fit into 32 bits.");
        return Err(request_error(Code::BadUserInput, message));
    }
    let too_long = |value: &Value| value.as_array().is_some_and(|items| items.len() > MAX_LIST);
    if let Some(path) = find(variables, &too_long) {
        let message = format!("The list ${path} is too long: at most {MAX_LIST} entries are taken.");
        return Err(request_error(Code::BadUserInput, message));
    }
    Ok(())
}

fn deeper_than(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth == 0 || items.iter().any(|item| deeper_than(item, depth - 1)),
        Value::Object(fields) => depth == 0 || fields.values().any(|field| deeper_than(field, depth - 1)),
        _ => false,
    }
}

/// PostgreSQL stores no NUL; the rest of the world rarely means it well.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, field)| name.contains('\0') || has_nul(field)),
        _ => false,
    }
}

/// The path to a value that this holds for. It is put together only when there is one: names may be long.
fn find(value: &Value, holds: &impl Fn(&Value) -> bool) -> Option<String> {
    if holds(value) {
        return Some(String::new());
    }
    match value {
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| Some(format!("[{index}]{}", find(item, holds)?)))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let rest = find(field, holds)?;
            let name: String = name.chars().take(40).collect();
            Some(format!(".{name}{rest}"))
        }),
        _ => None,
    }
}

/// Whole numbers are of the type Int, which has 32 bits; the engine would find out only while it executes.
fn beyond_int(value: &Value) -> bool {
    match (value.as_i64(), value.as_u64()) {
        (Some(number), _) => i32::try_from(number).is_err(),
        (None, number) => number.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(result: Result<(), ServerError>) -> String {
        serde_json::to_value(result.unwrap_err()).unwrap()["extensions"]["code"].as_str().unwrap().to_owned()
    }

    #[test]
    fn variables_have_bounds() {
        let check = |variables: Value| super::check(&variables, false);
        assert!(check(json!({"ids": vec![0; 100], "text": "x"})).is_ok());
        let nested = (0..40).fold(json!(1), |inner, _| json!([inner]));
        for wrong in [
            json!({"ids": vec![0; 101]}),
            json!({"n": 2_147_483_648_i64}),
            json!({"a": {"b": [1, -2_147_483_649_i64]}}),
            json!({"n": u64::MAX}),
            json!({"a": [{"b": "\u{0}"}]}),
            nested,
        ] {
            assert_eq!(code(check(wrong)), "BAD_USER_INPUT");
        }
        let error = check(json!({"x".repeat(10_000): {"ids": vec![0; 101]}})).unwrap_err();
        assert!(error.message.len() < 200, "names are not repeated whole: {}", error.message.len());
    }
}
