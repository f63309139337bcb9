//! Checks of the workspace's shape.

use crate::shell::root;
use anyhow::{Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What each of our crates may depend on among our crates.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("waymark-domain", &[]),
    ("waymark-events", &[]),
    ("waymark-persistence", &["waymark-domain", "waymark-events"]),
    ("waymark-messaging", &["waymark-events"]),
    ("waymark-gateway", &["waymark-domain"]),
    (
        "waymark-server",
        &["waymark-domain", "waymark-events", "waymark-persistence", "waymark-messaging", "waymark-gateway"],
    ),
    ("waymark-consumer", &["waymark-events"]),
    ("waymark-dlq", &["waymark-consumer"]),
    ("waymark-insights", &["waymark-consumer", "waymark-events"]),
    ("waymark-notifier", &["waymark-consumer", "waymark-events"]),
    ("waymark-xtask", &[]),
];

/// Libraries that few of our crates may know. Consumers are no part of the service: their kit knows a database and
/// the broker, and nothing of the service's own.
const HOMES: &[(&str, &[&str])] = &[
    ("sea-orm", &["waymark-persistence", "waymark-consumer"]),
    ("sea-orm-migration", &["waymark-persistence"]),
    ("rdkafka", &["waymark-messaging", "waymark-consumer"]),
    ("async-graphql", &["waymark-gateway"]),
    ("async-graphql-axum", &["waymark-gateway"]),
    ("ammonia", &["waymark-gateway"]),
    ("pulldown-cmark", &["waymark-gateway"]),
];

/// Libraries that the domain must do without.
const NOT_IN_DOMAIN: &[&str] = &["tokio", "axum", "reqwest", "tracing"];

/// Lines of a source file that are a lot, and that are too many.
const LONG: usize = 300;
const TOO_LONG: usize = 500;

/// Dependencies of each crate, by name; those of tests left out.
type Graph = BTreeMap<String, Vec<String>>;

/// Checks everything and names every problem.
pub fn run() -> Result<()> {
    let mut problems = directions(&graph()?);
    problems.extend(manifests()?);
    problems.extend(documents()?);
    problems.extend(sizes(&root().join("crates"))?);
    if problems.is_empty() {
        eprintln!("xtask: tidy");
        return Ok(());
    }
    bail!("not tidy:\n  - {}", problems.join("\n  - "))
}

fn graph() -> Result<Graph> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec()?;
    let dependencies = |package: &cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
        normal.map(|dependency| dependency.name.clone()).collect()
    };
    Ok(metadata.packages.iter().map(|p| (p.name.to_string(), dependencies(p))).collect())
}

/// What is wrong with the direction of dependencies.
fn directions(graph: &Graph) -> Vec<String> {
    let mut problems = Vec::new();
    for (package, dependencies) in graph {
        let Some((_, allowed)) = DIRECTIONS.iter().find(|(name, _)| name == package) else {
            problems.push(format!("{package} has no place in the directions of crates/xtask/src/tidy.rs"));
            continue;
        };
        for dependency in dependencies {
            let name = dependency.as_str();
            if name.starts_with("waymark-") && !allowed.contains(&name) {
                problems.push(format!("{package} must not depend on {name}"));
            }
            if HOMES.iter().any(|(library, homes)| *library == name && !homes.contains(&package.as_str())) {
                problems.push(format!("{package} must not know {name}"));
            }
            if package == "waymark-domain" && NOT_IN_DOMAIN.contains(&name) {
                problems.push(format!("the domain must do without {name}"));
            }
        }
    }
    problems
}

/// Every dependency comes from the workspace, and stands there below a line of why.
fn manifests() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for entry in fs::read_dir(root().join("crates"))? {
        let manifest = entry?.path().join("Cargo.toml");
        let text = fs::read_to_string(&manifest)?;
        let (_, dependencies) = text.split_once("[dependencies]").unwrap_or(("", ""));
        let lines =
            dependencies.lines().filter(|line| line.contains('=') && !line.contains("workspace = true"));
        problems
            .extend(lines.map(|line| format!("{}: `{line}` is not `workspace = true`", manifest.display())));
    }
    let text = fs::read_to_string(root().join("Cargo.toml"))?;
    let (_, rest) = text.split_once("[workspace.dependencies]").unwrap_or(("", ""));
    let (dependencies, _) = rest.split_once("\n[").unwrap_or((rest, ""));
    let mut explained = false;
    for line in dependencies.lines() {
        let ours = line.contains("path = ");
        match line {
            line if line.starts_with('#') => explained = true,
            "" => explained = false,
            line if !explained && !ours => {
                problems.push(format!("Cargo.toml: no line of why above `{line}`"))
            }
            _ => {}
        }
    }
    Ok(problems)
}

/// Every path that a document names in code marks exists.
fn documents() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = fs::read_to_string(root().join(document))?;
        for name in text.split('`').skip(1).step_by(2).filter(|name| is_path(name)) {
            if !root().join(name).exists() {
                problems.push(format!("{document} names {name}, which is not there"));
            }
        }
    }
    Ok(problems)
}

/// A path of this repository begins with one of its folders and has nothing to fill in.
fn is_path(name: &str) -> bool {
    let folders = ["crates/", "docs/", "deploy/", "web/", "clients/", ".ci/"];
    folders.iter().any(|folder| name.starts_with(folder)) && !name.contains(['*', '<', ' ', '{'])
}

fn sizes(folder: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            problems.extend(sizes(&path)?);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let lines = text.lines().count();
        let tests = path.components().any(|part| part.as_os_str() == "tests");
        if lines > TOO_LONG && !tests {
            problems.push(format!("{} has {lines} lines: make two rooms of it", path.display()));
        } else if lines > LONG {
            eprintln!("xtask: {} has {lines} lines", path.display());
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph_of(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::new();
        for (package, dependency) in edges {
            graph.entry((*package).to_owned()).or_default().push((*dependency).to_owned());
        }
        graph
    }

    #[test]
    fn dependencies_point_the_right_way() {
        assert_eq!(directions(&graph().unwrap()), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_direction_is_noticed() {
        for (package, dependency) in [
            ("waymark-gateway", "waymark-persistence"),
            ("waymark-gateway", "sea-orm"),
            ("waymark-messaging", "waymark-domain"),
            ("waymark-persistence", "rdkafka"),
            ("waymark-consumer", "waymark-persistence"),
            ("waymark-consumer", "waymark-messaging"),
            ("waymark-domain", "tokio"),
            ("waymark-domain", "waymark-events"),
            ("waymark-events", "waymark-domain"),
            ("waymark-unknown", "serde"),
        ] {
            assert_eq!(directions(&graph_of(&[(package, dependency)])).len(), 1, "{package} -> {dependency}");
        }
        assert!(directions(&graph_of(&[("waymark-persistence", "sea-orm")])).is_empty());
    }
}
