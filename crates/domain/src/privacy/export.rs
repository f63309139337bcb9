//! The aggregate and its use case: what is known of a person, for themselves to take along.

use crate::access::{Action, authorise};
use crate::kernel::{Change, CommandContext, DataExportId, PersonId, Refusal};
use crate::ports::{CommandError, Ids, Store};
use chrono::{DateTime, Duration, Utc};

/// How long an export can be fetched, in hours from when it was asked for.
pub const EXPORT_HOURS: i64 = 24;

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportState {
    /// It is being put together.
    Requested,
    /// It can be fetched.
    Ready,
}

impl ExportState {
    /// Every state with its name in stored rows.
    pub const NAMES: [(Self, &'static str); 2] = [(Self::Requested, "REQUESTED"), (Self::Ready, "READY")];
}

/// What readers say of an export. What is in it is told to nobody but whoever has its link and is the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportView {
    /// The export.
    pub id: DataExportId,
    /// Whose data it is.
    pub person: PersonId,
    /// Where it stands.
    pub state: ExportState,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When it is gone, to the millisecond.
    pub expires_at: DateTime<Utc>,
}

/// An export that was asked for. The service puts it together by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataExport {
    /// What can be told of it.
    pub view: ExportView,
    /// SHA-256 of the secret in its link, in hexadecimal digits.
    pub link_hash: String,
}

/// Asks for everything that is known of a person. It takes the place of an earlier one.
///
/// # Errors
/// `Forbidden` for anybody but the person, `NotFound`, also for somebody who is erased.
pub async fn request_export(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    person: PersonId,
    link_hash: &str,
) -> Result<ExportView, CommandError> {
    let found = store.people(context.actor.tenant.id, &[person]).await?.pop();
    let found = found.ok_or_else(|| Refusal::not_found("personId", "person"))?;
    authorise(store, context, Action::RequestExport, &found).await?;
    let expires_at = context.at + Duration::hours(EXPORT_HOURS);
    let view = ExportView {
        id: DataExportId::from(ids.next()),
        person,
        state: ExportState::Requested,
        requested_at: context.at,
        expires_at: DateTime::from_timestamp_millis(expires_at.timestamp_millis()).unwrap_or(expires_at),
    };
    let export = DataExport { view: view.clone(), link_hash: link_hash.to_owned() };
    store.save(vec![Change::DataExport(Box::new(export))], context).await?;
    Ok(view)
}
