//! The root of the schema: one file a topic, merged here.

use crate::access::{AccessMutation, AccessQuery};
use crate::audit::AuditQuery;
use crate::engine::{Corrections, CostLimit};
use crate::evidence::{EvidenceMutation, EvidenceQuery};
use crate::framework::{FrameworkMutation, FrameworkQuery};
use crate::node::{EntityQuery, NodeQuery};
use crate::people::{PeopleMutation, PeopleQuery};
use crate::privacy::{
    ConsentMutation, ConsentQuery, ExportMutation, PrivacyMutation, PrivacyQuery, RetentionQuery,
};
use crate::progress::{ProgressMutation, ProgressQuery, ProgressSubscription};
use crate::services::Services;
use async_graphql::{MergedObject, SDLExportOptions, Schema, SchemaBuilder};

/// Queries.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    NodeQuery,
    EntityQuery,
    FrameworkQuery,
    PeopleQuery,
    EvidenceQuery,
    ProgressQuery,
    AccessQuery,
    PrivacyQuery,
    RetentionQuery,
    ConsentQuery,
    AuditQuery,
);

/// Mutations: each takes one `input` and answers with what changed and with `userErrors`.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    FrameworkMutation,
    PeopleMutation,
    EvidenceMutation,
    ProgressMutation,
    AccessMutation,
    PrivacyMutation,
    ExportMutation,
    ConsentMutation,
);

/// The whole schema.
pub(crate) type WaymarkSchema = Schema<Query, Mutation, ProgressSubscription>;

pub(crate) fn builder() -> SchemaBuilder<Query, Mutation, ProgressSubscription> {
    Schema::build(Query::default(), Mutation::default(), ProgressSubscription)
        .enable_federation()
        .extension(Corrections)
        // These guard what the pre-pass of transport cannot know: the types.
        .extension(CostLimit)
        .limit_directives(10)
        .disable_suggestions()
}

/// The schema with its services.
pub(crate) fn schema(services: Services) -> WaymarkSchema {
    builder().data(services).finish()
}

/// The schema without services: for validation alone.
pub(crate) fn bare() -> WaymarkSchema {
    builder().finish()
}

/// The schema as text, sorted, the same at every run.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    bare().sdl_with_options(options)
}
