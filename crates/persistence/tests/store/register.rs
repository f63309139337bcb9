//! The register of what is stored names each column of a migrated database, and none that is not there.

use crate::given::World;
use std::collections::BTreeSet;
use waymark_persistence::register::{Class, markdown, tables};

on_both_databases!(every_column_is_registered);

async fn every_column_is_registered(world: World) {
    let sql = match world.root().await.get_database_backend() {
        sea_orm::DbBackend::Sqlite => {
            "select m.name || '.' || c.name from sqlite_master m, pragma_table_info(m.name) c
             where m.type = 'table' and m.name not like 'sqlite%'"
        }
        _ => {
            "select cast(table_name || '.' || column_name as text) from information_schema.columns
             where table_schema = current_schema()"
        }
    };
    let stored: BTreeSet<String> = world.texts(sql).await.into_iter().collect();
    let named = tables()
        .into_iter()
        .flat_map(|table| table.columns.iter().map(move |column| format!("{}.{}", table.name, column.name)));
    let named: Vec<String> = named.collect();
    let registered: BTreeSet<String> = named.iter().cloned().collect();
    assert_eq!(named.len(), registered.len(), "a column is named twice");
    let missing: Vec<_> = stored.difference(&registered).collect();
    assert!(missing.is_empty(), "columns without a place in the register: {missing:?}");
    let gone: Vec<_> = registered.difference(&stored).collect();
    assert!(gone.is_empty(), "the register names columns that are not there: {gone:?}");
}

#[test]
fn the_document_is_what_the_register_says() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/privacy.md");
    let document = std::fs::read_to_string(file).unwrap();
    assert!(
        document == markdown(),
        "docs/privacy.md is not what the register says: `cargo xtask schema` writes it"
    );
}

#[test]
fn what_is_about_people_has_a_ground() {
    for table in tables() {
        let about = |class| matches!(class, Class::Personal | Class::Pseudonymous);
        let people = table.columns.iter().any(|column| about(column.class));
        assert_eq!(people, !table.ground.is_empty(), "{}", table.name);
        assert!(!table.purpose.is_empty() && !table.retention.is_empty() && !table.erasure.is_empty());
    }
}
