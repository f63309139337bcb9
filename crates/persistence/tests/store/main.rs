//! The ports on both databases, each test on a database of its own.
//!
//! PostgreSQL comes from `WAYMARK_TEST_POSTGRES`, as `cargo xtask test` sets it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // these are tests: a panic is how they fail

/// Runs each of these tests on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(crate::given::World::on_sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgresql() {
                super::$name(crate::given::World::on_postgresql().await).await;
            }
        }
    )+};
}

mod access;
mod audit;
mod audit_chain;
mod commands;
mod events;
mod exports;
mod feed;
mod filters;
mod given;
mod history;
mod keys;
mod leases;
mod pages;
mod people_import;
mod privacy;
mod register;
mod relay;
mod retention;
mod states;
mod tenants;
mod transactions;
mod vault;
mod versions;
