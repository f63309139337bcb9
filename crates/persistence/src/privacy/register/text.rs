//! The register as a document.

use super::{Class, Table, tables};
use std::fmt::Write;

const HEAD: &str = "\
# What is stored about people

For those who answer for an organisation's records of processing (GDPR, article 30), and for whoever asks what is known
of them. This page is generated from `crates/persistence/src/privacy/register` by `cargo xtask schema`; a test holds the
register against the tables of a migrated database, so no column is missing here.

The grounds are proposals: who is responsible for the processing decides which one holds, and says so to their people.

| Class | A column of this class |
|---|---|
";

/// The register as Markdown, the same at every run.
#[must_use]
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    for (_, name, meaning) in Class::ALL {
        line(&mut text, &format!("| {name} | {meaning} |"));
    }
    for table in tables() {
        section(&mut text, table);
    }
    text
}

fn section(text: &mut String, table: &Table) {
    line(text, &format!("\n## {}\n\n{}\n", table.name, table.purpose));
    if !table.ground.is_empty() {
        line(text, &format!("- **Ground**: {}", table.ground));
    }
    line(text, &format!("- **Kept**: {}", table.retention));
    line(text, &format!("- **Erasure**: {}", table.erasure));
    line(text, "\n| Column | Class | Sealed at rest |\n|---|---|---|");
    for column in table.columns {
        let sealed = if column.sealed { "yes" } else { "no" };
        line(text, &format!("| {} | {} | {sealed} |", column.name, column.class.name()));
    }
}

/// Writing to a text does not fail.
fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}");
}
