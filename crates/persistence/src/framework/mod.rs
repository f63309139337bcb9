//! Frameworks: versions with their content as one document, and index rows of skills and positions.

mod reader;
pub(crate) mod row;
mod store;

pub(crate) use store::{Catalogues, by_id, latest, save_version};
