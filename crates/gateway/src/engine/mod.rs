//! What the engine does differently from the GraphQL specification, corrected in one extension, and the
//! cost of an operation, which only the engine can tell.
//!
//! Each correction has a test that runs the bare engine beside the corrected one and fails when the engine
//! itself does it right: then the correction is to be dropped. `docs/adr/0009-engine-corrections.md` says
//! why they are worth what they cost.

mod corrections;
mod cost;

pub(crate) use corrections::Corrections;
pub(crate) use cost::{
    Charge, CostLimit, CostMeter, Entities, MAX_COST, OnlyValidate, Payer, WhenValid, rate_limited,
};
