//! The one way to write: all changes and their events in one transaction.

use crate::error::Result;
use crate::vault::Sealer;
use crate::{Persistence, access, audit, evidence, framework, keys, outbox, people, privacy, progress};
use sea_orm::DatabaseTransaction;
use std::collections::HashSet;
use uuid::Uuid;
use waymark_domain::audit::AuditNote;
use waymark_domain::kernel::{Change, CommandContext, DomainId, EventBody, TenantId};
use waymark_domain::people::{Person, Team};

impl Persistence {
    /// Writes the aggregates first (each only at the revision that was loaded, which locks it), then their
    /// events; commits; rings. On any error nothing is written.
    pub(crate) async fn write(&self, changes: &[Change], context: &CommandContext) -> Result<()> {
        let transaction = self.database.begin().await?;
        let keys = self.write_in(&transaction, changes, context).await?;
        transaction.commit().await?;
        if changes.iter().any(|change| matches!(change, Change::Person(_))) {
            self.rosters.touch(context.actor.tenant.id);
        }
        for person in changes.iter().filter_map(erased) {
            self.vault.forget_person(person);
        }
        self.hint.committed(keys);
        Ok(())
    }

    async fn write_in(
        &self,
        db: &DatabaseTransaction,
        changes: &[Change],
        context: &CommandContext,
    ) -> Result<Vec<Uuid>> {
        let ids = &*self.ids;
        let tenant = context.actor.tenant.id;
        // Teams before people, and people in one go: an import may bring thousands.
        let teams: Vec<&Team> = changes
            .iter()
            .filter_map(|c| if let Change::Team(team) = c { Some(team) } else { None })
            .collect();
        people::store::save_teams(db, tenant, &teams).await?;
        let persons: Vec<&Person> = changes
            .iter()
            .filter_map(|c| if let Change::Person(p) = c { Some(&**p) } else { None })
            .collect();
        let sealer = self.sealer(db, tenant, changes).await?;
        privacy::erase(db, tenant, context.at, &persons).await?;
        people::store::save_people(db, ids, context, &sealer, &persons).await?;
        for change in changes {
            match change {
                Change::Team(_) | Change::Person(_) => {}
                Change::Framework(version) => framework::save_version(db, tenant, version).await?,
                Change::ErasureRequest(request) => {
                    privacy::store::save_request(db, &sealer, tenant, request).await?
                }
                Change::Consent(consent) => privacy::consent::save(db, tenant, consent).await?,
                Change::DataExport(export) => privacy::export::save(db, tenant, export).await?,
                Change::Grant(grant) => access::store::save_grant(db, &sealer, tenant, grant).await?,
                Change::Evidence(piece) => evidence::store::save_evidence(db, &sealer, tenant, piece).await?,
                Change::SkillRecord(record) => progress::store::save_record(db, ids, context, record).await?,
            }
        }
        access::note_changes(db, tenant, changes).await?;
        if let Some(claim) = &context.claim {
            keys::done(db, claim, changes).await?;
        }
        audit::append(db, ids, &[AuditNote::done(context, changes)]).await?;
        let events: Vec<EventBody> = changes.iter().flat_map(Change::events).collect();
        outbox::append(db, ids, context, &events).await
    }

    /// What seals the rows of these changes.
    async fn sealer(&self, db: &DatabaseTransaction, tenant: TenantId, changes: &[Change]) -> Result<Sealer> {
        let (mut known, mut new, mut erased) = (HashSet::new(), Vec::new(), Vec::new());
        for change in changes {
            match change {
                Change::Person(person) if person.revision == 0 => new.push(person.id.uuid()),
                Change::Person(person) if person.is_erased() => erased.push(person.id.uuid()),
                // A role may name somebody who is gone: it reaches nobody then.
                Change::Grant(_) => {}
                change => known.extend(change.person().map(DomainId::uuid)),
            }
        }
        for person in erased.iter().chain(&new) {
            known.remove(person);
        }
        let known: Vec<Uuid> = known.into_iter().collect();
        let sealer = self.vault.sealer(db, tenant.uuid(), &known, &new).await?;
        sealer.expect(&known)?;
        Ok(sealer)
    }
}

/// Whom a change erases.
fn erased(change: &Change) -> Option<Uuid> {
    match change {
        Change::Person(person) if person.is_erased() => Some(person.id.uuid()),
        _ => None,
    }
}
