//! The subcommands, made of steps.

use crate::chaos::{Chaos, run_chaos};
use crate::shell::{cargo, has, output, root, run};
use crate::{clients, kafka, postgres, tidy};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

fn binary(profile: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(profile).join("waymark")
}

fn build(release: bool) -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--package", "waymark-server"]);
    if release {
        cargo.arg("--release");
    }
    run(&mut cargo)?;
    Ok(binary(if release { "release" } else { "debug" }))
}

/// Puts `waymark dev` in the place of this process, so that signals reach it.
fn become_dev(binary: &Path, args: &[String]) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let error = Command::new(binary).arg("dev").args(args).exec();
    Err(error).with_context(|| format!("{} cannot be started", binary.display()))
}

/// `cargo xtask run`
pub fn dev(release: bool, args: &[String]) -> Result<()> {
    if let Err(error) = playground() {
        eprintln!("xtask: the playground is not built ({error:#}); going on without it");
    }
    become_dev(&build(release)?, args)
}

/// Bundles the playground, if its sources are newer than the bundle.
pub fn playground() -> Result<()> {
    let folder = root().join("web/playground");
    if !has("node") || !has("npm") {
        bail!("Node is not installed");
    }
    let bundle = folder.join("dist/index.html");
    if newer(
        &bundle,
        &["package.json", "package-lock.json", "index.html", "public", "src", "vite.config.js"]
            .map(|f| folder.join(f)),
    )? {
        return Ok(());
    }
    let npm = |args: &[&str]| run(Command::new("npm").args(args).current_dir(&folder));
    npm(&["ci", "--no-audit", "--no-fund"])?;
    npm(&["run", "build"])
}

/// Whether a file is newer than all sources.
fn newer(file: &Path, sources: &[PathBuf]) -> Result<bool> {
    let Ok(built) = file.metadata().and_then(|metadata| metadata.modified()) else { return Ok(false) };
    for source in sources {
        if source.is_dir() {
            let inside: Vec<PathBuf> = fs::read_dir(source)?.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
            if !newer(file, &inside)? {
                return Ok(false);
            }
        } else if source.metadata()?.modified()? > built {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `cargo xtask services`
pub fn services() -> Result<()> {
    let (postgres, kafka) = (postgres::start()?, kafka::start()?);
    println!("export WAYMARK_TEST_POSTGRES={}", postgres.url);
    println!("export WAYMARK_TEST_KAFKA={}", kafka.brokers);
    println!("# Both run until Enter is pressed or the input ends.");
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

/// `cargo xtask chaos`
pub fn chaos(chaos: &Chaos) -> Result<()> {
    run_chaos(chaos, &build(false)?)
}

/// `cargo xtask test`
pub fn test() -> Result<()> {
    let start = Instant::now();
    let mut results: Vec<(String, Result<()>)> = Vec::new();
    results.push(("playground bundle".to_owned(), playground()));
    let postgres = postgres::start().context("PostgreSQL for the tests")?;
    let binary = build(false)?;
    // Beside the service: the clients find them there.
    run(cargo().args(["build", "-p", "waymark-notifier", "-p", "waymark-dlq"]))?;
    let equip = |command: &mut Command, brokers: &str| {
        command
            .env("WAYMARK_TEST_POSTGRES", &postgres.url)
            .env("WAYMARK_TEST_KAFKA", brokers)
            .env("WAYMARK_BIN", &binary);
    };
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--no-fail-fast"]);
    results.push((
        "cargo test".to_owned(),
        with_broker(|brokers| {
            equip(&mut tests, brokers);
            run(&mut tests)
        }),
    ));
    let clients = clients::all()?;
    let prepared = clients.iter().try_for_each(clients::Client::prepare);
    results.push(("packages of the clients".to_owned(), prepared));
    for client in clients {
        let outcome = with_broker(|brokers| client.check(&|command: &mut Command| equip(command, brokers)));
        results.push((client.name, outcome));
    }
    // A relay, the broker and a gateway.
    let short = Chaos { rounds: 3, seed: 2, rate: 100, outage: 0, break_rule: None, controls: true };
    results.push(("chaos, the short form".to_owned(), run_chaos(&short, &binary)));
    results.push(("GraphQL schema and register are up to date".to_owned(), schema(true)));
    results.push(("event schemas are up to date".to_owned(), events(true)));
    results.push(("tidy".to_owned(), tidy::run()));
    summary(&results, start)
}

/// Works with an Apache Kafka of its own: what others left in the topics, or made of them, is not in it.
fn with_broker(work: impl FnOnce(&str) -> Result<()>) -> Result<()> {
    let kafka = kafka::start().context("Apache Kafka for the tests")?;
    work(&kafka.brokers)
}

fn summary(results: &[(String, Result<()>)], start: Instant) -> Result<()> {
    eprintln!("\nxtask: after {:.0} s", start.elapsed().as_secs_f64());
    for (name, result) in results {
        match result {
            Ok(()) => eprintln!("  passed  {name}"),
            Err(error) => eprintln!("  FAILED  {name}: {error:#}"),
        }
    }
    let failed = results.iter().filter(|(_, result)| result.is_err()).count();
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed > 0 { bail!("{failed} steps failed") } else { Ok(()) }
}

/// `cargo xtask schema`
pub fn schema(check: bool) -> Result<()> {
    let binary = build(false)?;
    for (what, file) in [("graphql", "schema.graphql"), ("privacy", "docs/privacy.md")] {
        let text = output(Command::new(&binary).args(["schema", what]))?;
        golden(&root().join(file), &text, check, "schema")?;
    }
    Ok(())
}

/// `cargo xtask events`
pub fn events(check: bool) -> Result<()> {
    let folder = root().join("crates/events/schemas");
    let fresh = crate::shell::temporary("schemas")?;
    run(Command::new(build(false)?).args(["schema", "events", "--out"]).arg(&fresh))?;
    let names = |folder: &Path| -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    };
    let document = fresh.join("asyncapi.json");
    golden(&root().join("crates/events/asyncapi.json"), &fs::read_to_string(&document)?, check, "events")?;
    fs::remove_file(document)?;
    fs::create_dir_all(&folder)?;
    for name in names(&fresh)? {
        golden(&folder.join(&name), &fs::read_to_string(fresh.join(&name))?, check, "events")?;
    }
    let (expected, found) = (names(&fresh)?, names(&folder)?);
    fs::remove_dir_all(&fresh)?;
    if expected != found {
        bail!("crates/events/schemas has files of event types that are gone: compare {expected:?}");
    }
    Ok(())
}

/// Writes a golden file, or compares it.
fn golden(file: &Path, text: &str, check: bool, command: &str) -> Result<()> {
    let shown = file.strip_prefix(root()).unwrap_or(file).display();
    if !check {
        return fs::write(file, text).with_context(|| format!("{shown} cannot be written"));
    }
    if fs::read_to_string(file).unwrap_or_default() == text {
        return Ok(());
    }
    bail!(
        "{shown} is not what the code says; if the change is meant, run `cargo xtask {command}` and note it in CHANGELOG.md"
    )
}

/// `cargo xtask ci`
pub fn ci() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    // Everything that the lock file names, for other systems too: cargo-deny reads it all, and works offline.
    run(cargo().args(["fetch", "--locked", "--quiet"]))?;
    run(cargo().args(["deny", "--offline", "check", "licenses", "bans", "sources"]))?;
    test()
}
