//! The one way to write: all changes and their events in one transaction.

use crate::error::Result;
use crate::{Persistence, access, evidence, framework, keys, outbox, people, privacy, progress};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;
use waymark_domain::kernel::{Change, CommandContext, EventBody};
use waymark_domain::people::{Person, Team};

impl Persistence {
    /// Writes the aggregates first (each only at the revision that was loaded, which locks it), then their
    /// events; commits; rings. On any error nothing is written.
    pub(crate) async fn write(&self, changes: &[Change], context: &CommandContext) -> Result<()> {
        let transaction = self.database.begin().await?;
        let keys = self.write_in(&transaction, changes, context).await?;
        transaction.commit().await?;
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
        privacy::erase(db, tenant, context.at, &persons).await?;
        people::store::save_people(db, ids, context, &persons).await?;
        for change in changes {
            match change {
                Change::Team(_) | Change::Person(_) => {}
                Change::Framework(version) => framework::save_version(db, tenant, version).await?,
                Change::ErasureRequest(request) => privacy::store::save_request(db, tenant, request).await?,
                Change::Grant(grant) => access::store::save_grant(db, tenant, grant).await?,
                Change::Evidence(piece) => evidence::store::save_evidence(db, tenant, piece).await?,
                Change::SkillRecord(record) => progress::store::save_record(db, ids, context, record).await?,
            }
        }
        access::note_changes(db, tenant, changes).await?;
        if let Some(claim) = &context.claim {
            keys::done(db, claim, changes).await?;
        }
        let events: Vec<EventBody> = changes.iter().flat_map(Change::events).collect();
        outbox::append(db, ids, context, &events).await
    }
}
