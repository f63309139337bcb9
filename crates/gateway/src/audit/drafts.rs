//! What is noted when a draft is read.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;
use waymark_domain::access::Action;
use waymark_domain::audit::AuditNote;
use waymark_domain::framework::Catalogue;
use waymark_domain::kernel::{Actor, DomainId, FrameworkVersionId, ObjectKind, ObjectRef};
use waymark_domain::ports::{AuditLog, Clock, PortError};

/// The drafts that one request has read, each noted once.
pub(crate) struct DraftReads {
    log: Arc<dyn AuditLog>,
    clock: Arc<dyn Clock>,
    request: Uuid,
    noted: Mutex<HashSet<FrameworkVersionId>>,
}

impl DraftReads {
    /// None yet.
    pub fn new(log: Arc<dyn AuditLog>, clock: Arc<dyn Clock>, request: Uuid) -> Self {
        Self { log, clock, request, noted: Mutex::default() }
    }

    /// Notes those that are drafts, before anybody sees them. Published versions are for everybody, and cost nothing.
    ///
    /// # Errors
    /// A fault of the log: then they are not shown.
    pub async fn note<'c>(
        &self,
        viewer: &Actor,
        found: impl Iterator<Item = &'c Arc<Catalogue>> + Send,
    ) -> Result<(), PortError> {
        let drafts = found.filter(|found| !found.version.state.is_frozen()).map(|found| found.version.id);
        let drafts: HashSet<FrameworkVersionId> = drafts.collect();
        let noted = || self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh: Vec<FrameworkVersionId> = drafts.difference(&noted()).copied().collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let note = |draft: FrameworkVersionId| {
            let object = ObjectRef { kind: ObjectKind::FrameworkVersion, id: draft.uuid() };
            AuditNote::read(viewer, Action::DraftFramework.name(), object, self.clock.now(), self.request)
        };
        self.log.note(&fresh.iter().copied().map(note).collect::<Vec<_>>()).await?;
        noted().extend(fresh);
        Ok(())
    }
}
