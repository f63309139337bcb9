//! Use case: import people from CSV. All rows are checked first; nothing is written unless all is well.

mod plan;
mod rows;

use crate::access::{Action, authorise_tenant};
use crate::kernel::{Change, CommandContext, Refusals};
use crate::ports::{CommandError, Ids, Store};

pub use rows::MAX_ROWS;

/// What an import led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportedPeople {
    /// Rows read.
    pub rows: usize,
    /// People registered.
    pub registered: usize,
    /// People of whom something changed.
    pub updated: usize,
    /// People of whom nothing changed.
    pub unchanged: usize,
    /// Teams that are new.
    pub teams: usize,
}

/// Imports people. A person is known by the external id: a row for a known person updates them, and an
/// empty optional cell clears the value, except for `position`, which then stays.
///
/// # Errors
/// Every broken row (the first 100) with its line and the number of its column; `Forbidden` without authority over the
/// tenant.
pub async fn import_people(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    csv: &str,
) -> Result<ImportedPeople, CommandError> {
    authorise_tenant(context, Action::ImportPeople)?;
    let rows = rows::read(csv).map_err(Refusals::bounded)?;
    let known = plan::Known::load(store, context.actor.tenant.id, &rows.rows).await?;
    let (changes, summary) = plan::plan(rows, known, ids, context).map_err(Refusals::bounded)?;
    if !changes.is_empty() {
        store.save(changes, context).await?;
    }
    Ok(summary)
}

/// A change of a person or team that something happened to.
fn changed(change: Change) -> Option<Change> {
    (!change.events().is_empty()).then_some(change)
}
