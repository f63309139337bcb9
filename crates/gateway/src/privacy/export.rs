//! Exports of the viewer's own data.

use crate::error::{UserError, command};
use crate::relay::{GlobalId, NodeType};
use crate::scalars::DateTime;
use crate::services::{command_context, services};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use waymark_domain::privacy::{ExportState as DomainState, ExportView, request_export};

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainState")]
pub enum DataExportState {
    /// It is being put together.
    Requested,
    /// It can be fetched.
    Ready,
}

/// Everything that is known of a person, for themselves to take along.
pub(crate) struct DataExport(pub ExportView);

/// Everything that is known of a person, for themselves to take along. What is in it is fetched by its links, with the
/// person's own token.
#[Object]
impl DataExport {
    /// Global id.
    async fn id(&self) -> ID {
        GlobalId::encode(NodeType::DataExport, self.0.id)
    }

    /// Where it stands.
    async fn state(&self) -> DataExportState {
        self.0.state.into()
    }

    /// When it was asked for.
    async fn requested_at(&self) -> DateTime {
        DateTime(self.0.requested_at)
    }

    /// When it is gone.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }
}

/// Whose data is asked for.
#[derive(InputObject)]
struct RequestExportInput {
    /// Global id of the person: oneself.
    person_id: ID,
}

/// What was asked for, and where it will be.
#[derive(SimpleObject)]
struct RequestExportPayload {
    /// The export.
    export: Option<DataExport>,
    /// Where its files will be, below the address of the service. They are told this once: only a hash of what is secret
    /// in them is kept.
    #[graphql(complexity = "crate::relay::list_cost(9, child_complexity)")]
    links: Option<Vec<String>>,
    /// Why nothing was changed, if nothing was.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Asks for everything that is known of the viewer. It is put together in a moment (`exports` says when), can be
    /// fetched for 24 hours, and takes the place of an earlier one.
    async fn request_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RequestExportInput,
    ) -> Result<RequestExportPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let link = crate::transport::Link::new()?;
        let run = async || {
            let person = GlobalId::input(NodeType::Person, &input.person_id, "personId", "person")?;
            request_export(&*services.store, &*services.ids, &context, person, &link.hash()).await
        };
        Ok(match command(ctx, run).await? {
            Ok(view) => RequestExportPayload {
                export: Some(DataExport(view)),
                links: Some(link.paths()),
                user_errors: Vec::new(),
            },
            Err(user_errors) => RequestExportPayload { export: None, links: None, user_errors },
        })
    }
}
