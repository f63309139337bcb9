//! Who may do what: one table, one set of rules, two outputs.
//!
//! `table.csv` says for each action how far each role reaches. [`reach`] computes from it how far one actor reaches;
//! [`decide`] holds that against one object, and [`scope`] hands it to persistence, which turns it into SQL for lists.
//! Nothing is allowed that the table does not name. Roles are granted ([`Grant`]), or follow from being a registered
//! person and from reporting lines.

mod action;
mod approve;
mod authorise;
mod delegate;
mod grant;
mod reach;
mod request;
mod revoke;
mod table;

pub use action::Action;
pub use approve::approve_grant;
pub use authorise::{authorise, authorise_tenant, authorise_written};
pub use delegate::{DelegateLine, MAX_DELEGATION_DAYS, delegate_line};
pub use grant::{Grant, GrantState, GrantView};
pub use reach::{Facts, Reach, Relation, Scoped, decide, decide_tenant, reach, scope};
pub use request::{RequestGrant, request_grant};
pub use revoke::revoke_grant;
pub use table::{Cell, cell};
