//! Types of requests.

use crate::people::Person;
use crate::relay::{GlobalId, NodeType};
use crate::scalars::{Date, DateTime};
use crate::services::loaders;
use async_graphql::{Context, Enum, ID, Object, Result};
use waymark_domain::kernel::DomainId;
use waymark_domain::privacy::{ErasureRequest as DomainRequest, ErasureState as DomainState};

/// Where a request for erasure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainState")]
pub enum ErasureState {
    /// Awaits a decision.
    Received,
    /// The person is erased.
    Fulfilled,
    /// It was refused, with a reason.
    Refused,
}

/// A request to erase a person.
pub(crate) struct ErasureRequest(pub DomainRequest);

impl From<DomainRequest> for ErasureRequest {
    fn from(request: DomainRequest) -> Self {
        Self(request)
    }
}

/// A request to erase a person.
#[Object]
impl ErasureRequest {
    /// Global id.
    async fn id(&self) -> ID {
        GlobalId::encode(NodeType::ErasureRequest, self.0.id)
    }

    /// Global id of the person; once they are erased it leads to nobody.
    async fn person_id(&self) -> ID {
        GlobalId::encode(NodeType::Person, self.0.person)
    }

    /// The person; null once they are erased.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Ok(loaders(ctx)?.one(self.0.person).await?.map(Person))
    }

    /// Where it stands.
    async fn state(&self) -> ErasureState {
        self.0.state.into()
    }

    /// Pseudonymous id of whoever asked for it.
    async fn requested_by_id(&self) -> ID {
        ID(self.0.requested_by.uuid().to_string())
    }

    /// When it was asked for.
    async fn requested_at(&self) -> DateTime {
        DateTime(self.0.requested_at)
    }

    /// The day by which it has to be decided: a month after it was asked for.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// Pseudonymous id of whoever decided it.
    async fn decided_by_id(&self) -> Option<ID> {
        self.0.decided_by.map(|id| ID(id.uuid().to_string()))
    }

    /// When it was decided.
    async fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime)
    }

    /// Why it was refused.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}
