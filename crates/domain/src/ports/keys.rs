//! Keys by which callers repeat a mutation without doing it twice.

use super::PortError;
use crate::kernel::{ActorId, Claim, ObjectRef, TenantId};
use async_trait::async_trait;

/// A mutation that bears a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutationKey {
    /// Whose data it changes.
    pub tenant: TenantId,
    /// Whose key it is.
    pub actor: ActorId,
    /// SHA-256 of the key, in hexadecimal digits: what callers write into a key is not kept.
    pub key: String,
    /// SHA-256 of all that decides what is done, in hexadecimal digits.
    pub payload: String,
}

/// What a key stands for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Nothing was done under it: the caller may do it now.
    Mine(Claim),
    /// Somebody is doing it.
    UnderWay,
    /// Something else was done under it, or is being done.
    OtherPayload,
    /// It was done, and this was the answer.
    Answered(String),
    /// It was done to these things, but the process ended before it had kept the answer.
    AnswerLost(Vec<ObjectRef>),
}

/// Remembers what was done under which key. That something was done is written by [`Store::save`](super::Store::save),
/// together with the effect; here is what comes before and after.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Claims the key, unless something was done under it or is being done.
    async fn claim(&self, mutation: &MutationKey) -> Result<Claimed, PortError>;

    /// Keeps the answer for whoever repeats the mutation.
    async fn keep(&self, claim: &Claim, answer: &str) -> Result<(), PortError>;

    /// Frees the key if nothing was done under it, and says whether it did.
    async fn release(&self, claim: &Claim) -> Result<bool, PortError>;

    /// Forgets at most so many keys whose time is over, and says how many it forgot.
    async fn forget(&self, most: u64) -> Result<u64, PortError>;
}
