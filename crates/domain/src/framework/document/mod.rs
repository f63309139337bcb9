//! Framework documents: one YAML or JSON text that says all of a framework version.
//!
//! [`parse`] reads a document (JSON is read as the subset of YAML that it is) and checks every rule. It
//! reports all problems at once, each with its line, column and field.

mod check;
mod fields;
mod node;
mod shape;

use super::Content;
use crate::kernel::{Refusal, RefusalCode, Refusals};

/// Value of the field `format` of a document.
pub const FORMAT: &str = "waymark.framework/v1";

/// Largest document, in bytes.
pub const MAX_BYTES: usize = 900 * 1024;

/// The content that the document says.
///
/// # Errors
/// Every broken rule with its place; nothing else is needed to mend the document.
pub fn parse(text: &str) -> Result<Content, Refusals> {
    if text.len() > MAX_BYTES {
        let message = format!("The document has {} bytes; at most {MAX_BYTES} are read.", text.len());
        return Err(Refusal::new(RefusalCode::Invalid, message).into());
    }
    let root = node::parse(text)?;
    let mut problems = Refusals::default();
    let draft = shape::read(&root, &mut problems);
    check::check(&draft, &mut problems);
    let content = draft.into_content();
    match (problems.0.is_empty(), content) {
        (true, Some(content)) => Ok(content),
        _ => Err(problems.bounded()),
    }
}
