//! `waymark schema`.

use crate::cli::{SchemaArgs, SchemaWhat};
use anyhow::{Context, Result};

/// Prints the GraphQL schema or the register of stored data, or writes the JSON Schemas and the AsyncAPI document
/// of the events.
pub fn run(args: &SchemaArgs) -> Result<()> {
    match &args.what {
        SchemaWhat::Graphql => print!("{}", waymark_gateway::sdl()),
        SchemaWhat::Privacy => print!("{}", waymark_persistence::register::markdown()),
        SchemaWhat::Events { out } => {
            std::fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
            let document = ("asyncapi.json".to_owned(), waymark_events::asyncapi::text()?);
            for (name, text) in waymark_events::schema::files()?.into_iter().chain([document]) {
                let file = out.join(name);
                std::fs::write(&file, text)
                    .with_context(|| format!("{} cannot be written", file.display()))?;
            }
        }
    }
    Ok(())
}
