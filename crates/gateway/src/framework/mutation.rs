//! Commands on frameworks.

use super::FrameworkVersion;
use crate::error::{UserError, command};
use crate::relay::{GlobalId, NodeType};
use crate::services::{command_context, services};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use std::sync::Arc;
use waymark_domain::framework::{Catalogue, import_framework, publish_framework};

#[derive(Default)]
pub(crate) struct FrameworkMutation;

/// A framework document to import.
#[derive(InputObject)]
struct ImportFrameworkInput {
    /// The whole document, YAML or JSON.
    document: String,
}

/// What the import led to.
#[derive(SimpleObject, Default)]
struct ImportFrameworkPayload {
    /// The version that now has the document's content.
    version: Option<FrameworkVersion>,
    /// Whether the import changed anything.
    changed: bool,
    /// Everything that is wrong with the document; nothing was imported if there is anything.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

/// A version to publish.
#[derive(InputObject)]
struct PublishFrameworkInput {
    /// Global id of the version.
    version_id: ID,
}

/// What the publication led to.
#[derive(SimpleObject, Default)]
struct PublishFrameworkPayload {
    /// The version.
    version: Option<FrameworkVersion>,
    /// Why it was not published, if it was not.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

#[Object]
impl FrameworkMutation {
    /// Imports a career framework as a draft, or as the new content of the draft that there is. All problems
    /// of the document are reported at once, each with its line and field.
    async fn import_framework(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to import.")] input: ImportFrameworkInput,
    ) -> Result<ImportFrameworkPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = || import_framework(&*services.store, &context, &input.document);
        Ok(match command(ctx, run).await? {
            Ok(imported) => ImportFrameworkPayload {
                version: Some(FrameworkVersion(Arc::new(Catalogue::of(imported.version)))),
                changed: imported.changed,
                user_errors: Vec::new(),
            },
            Err(user_errors) => ImportFrameworkPayload { user_errors, ..Default::default() },
        })
    }

    /// Publishes a framework version: from then on it never changes.
    async fn publish_framework(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to publish.")] input: PublishFrameworkInput,
    ) -> Result<PublishFrameworkPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let id = GlobalId::input(
                NodeType::FrameworkVersion,
                &input.version_id,
                "versionId",
                "framework version",
            )?;
            publish_framework(&*services.store, &context, id).await
        };
        Ok(match command(ctx, run).await? {
            Ok(version) => PublishFrameworkPayload {
                version: Some(FrameworkVersion(Arc::new(Catalogue::of(version)))),
                user_errors: Vec::new(),
            },
            Err(user_errors) => PublishFrameworkPayload { user_errors, ..Default::default() },
        })
    }
}
