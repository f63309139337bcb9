//! A table of an export as CSV (RFC 4180), for spreadsheets too.

use serde_json::Value;

/// What a spreadsheet may take for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The rows of a table with the names of their columns; `None` for what is no table.
pub(super) fn of(table: &Value) -> Option<Vec<u8>> {
    let rows = table.as_array()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns: Vec<&String> =
        rows.first().and_then(Value::as_object).into_iter().flat_map(|row| row.keys()).collect();
    if !columns.is_empty() {
        writer.write_record(&columns).ok()?;
    }
    for row in rows {
        writer.write_record(columns.iter().map(|column| cell(&row[column.as_str()]))).ok()?;
    }
    writer.into_inner().ok()
}

/// A cell. Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers are none.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(FORMULA) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn formulas_are_defused() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let text = String::from_utf8(of(&json!([{ "title": evil }])).unwrap()).unwrap();
            let read = csv::Reader::from_reader(text.as_bytes()).records().next().unwrap().unwrap();
            assert_eq!(read[0], format!("'{evil}"));
        }
        let text =
            String::from_utf8(of(&json!([{ "a": -1, "b": "x,\"y\"\n=z", "c": null }])).unwrap()).unwrap();
        assert_eq!(text, "a,b,c\n-1,\"x,\"\"y\"\"\n=z\",\n");
    }

    #[test]
    fn a_table_without_rows_is_empty() {
        assert_eq!(of(&json!([])), Some(Vec::new()));
        assert_eq!(of(&json!(null)), None);
    }
}
