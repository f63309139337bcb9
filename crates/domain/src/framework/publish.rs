//! Use case: publish a framework version.

use super::FrameworkVersion;
use crate::access::{Action, authorise_tenant};
use crate::kernel::{Change, CommandContext, FrameworkVersionId, Refusal};
use crate::ports::{CommandError, Store};

/// Publishes a version: it is frozen, and its skills and positions are announced.
///
/// # Errors
/// `NotFound`, `Forbidden` for those who own no frameworks, `IllegalTransition` when it is past that.
pub async fn publish_framework(
    store: &dyn Store,
    context: &CommandContext,
    id: FrameworkVersionId,
) -> Result<FrameworkVersion, CommandError> {
    authorise_tenant(context, Action::PublishFramework)?;
    let tenant = context.actor.tenant.id;
    let version = store.version(tenant, id).await?;
    let mut version = version.ok_or_else(|| Refusal::not_found("versionId", "framework version"))?;
    let previous = store.published_version(tenant, version.framework).await?;
    version.publish(previous.as_ref().map(|previous| &*previous.content), context.at)?;
    if version.changed() {
        store.save(vec![Change::Framework(Box::new(version.clone()))], context).await?;
    }
    Ok(version)
}
