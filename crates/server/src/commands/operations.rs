//! `waymark operations`.

use super::serve::read_manifest;
use crate::cli::{OperationsArgs, OperationsWhat};
use anyhow::{Result, bail};
use waymark_gateway::transport::check_operations;

/// Checks a manifest of trusted documents.
pub async fn run(args: OperationsArgs) -> Result<()> {
    let OperationsWhat::Check { file } = args.what;
    let manifest = read_manifest(&file)?;
    let invalid = check_operations(&manifest).await;
    if invalid.is_empty() {
        println!("All {} documents fit the schema and the limits.", manifest.documents.len());
        return Ok(());
    }
    for document in &invalid {
        eprintln!("{}:\n  - {}", document.name, document.problems.join("\n  - "));
    }
    bail!("{} of {} documents would be refused", invalid.len(), manifest.documents.len())
}
