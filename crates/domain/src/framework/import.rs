//! Use case: import a framework document as a draft.

use super::{FrameworkVersion, document};
use crate::access::{Action, authorise_tenant};
use crate::kernel::{Change, CommandContext, FrameworkId};
use crate::ports::{CommandError, Store};

/// What an import led to.
#[derive(Debug, Clone)]
pub struct ImportedFramework {
    /// The version that now has the document's content.
    pub version: FrameworkVersion,
    /// Whether the import changed anything.
    pub changed: bool,
}

/// Imports a document: as a new draft, or as the new content of the draft that there is. A document that
/// equals the latest version changes nothing.
///
/// # Errors
/// All broken rules of the document with their places; `Forbidden` for those who own no frameworks.
pub async fn import_framework(
    store: &dyn Store,
    context: &CommandContext,
    text: &str,
) -> Result<ImportedFramework, CommandError> {
    authorise_tenant(context, Action::DraftFramework)?;
    let content = document::parse(text)?;
    let tenant = context.actor.tenant.id;
    let framework = FrameworkId::for_key(tenant, content.key.as_str());
    let version = match store.latest_version(tenant, framework).await? {
        None => FrameworkVersion::draft(framework, None, content, context.at),
        Some(latest) if latest.state.is_frozen() && *latest.content != content => {
            FrameworkVersion::draft(framework, Some(latest.number), content, context.at)
        }
        Some(mut latest) => {
            latest.redraft(content)?;
            latest
        }
    };
    let changed = version.changed();
    if changed {
        store.save(vec![Change::Framework(Box::new(version.clone()))], context).await?;
    }
    Ok(ImportedFramework { version, changed })
}
