//! The audit log: noted with the effect, sealed into a chain a little later, read and verified.

mod append;
mod canonical;
mod faults;
mod reader;
mod row;
mod seal;
mod verify;

pub(crate) use append::append;
