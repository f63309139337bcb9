//! Benchmarks: ratios of two things measured in turn in one run.

use crate::shell::{Server, cargo, free_port, has, install, output, root, run, temporary, wait_for};
use crate::{kafka, postgres};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Our HTTP transport with async-graphql-axum's.
    Transport,
    /// The relay with a bare producer and the tables alone, on PostgreSQL and Apache Kafka.
    Relay,
    /// Reads with authorisation and without, on PostgreSQL.
    Access,
}

/// What both transports answer: static, so that nothing else is measured.
const QUERY: &str = "{ viewer { actorId administrator } }";

/// Connections of the load.
const CONNECTIONS: &str = "32";

/// Clock ticks of `/proc/PID/stat` in a second, on every Linux of the last decades.
const TICKS: f64 = 100.0;

/// One of the two, running.
struct Side {
    name: &'static str,
    url: String,
    pid: u32,
    _server: Server,
    rounds: Vec<Round>,
}

#[derive(Clone, Copy)]
struct Round {
    per_second: f64,
    per_cpu_second: f64,
}

/// `cargo xtask bench access`
pub fn access() -> Result<()> {
    let postgres = postgres::start()?;
    let mut cargo = cargo();
    cargo.args(["run", "--release", "--package", "waymark-persistence", "--example", "access-bench"]);
    run(cargo.env("WAYMARK_TEST_POSTGRES", &postgres.url))
}

/// `cargo xtask bench relay`
pub fn relay() -> Result<()> {
    let (postgres, kafka) = (postgres::start()?, kafka::start()?);
    let mut cargo = cargo();
    cargo.args(["run", "--release", "--package", "waymark-server", "--example", "relay-bench"]);
    run(cargo.env("WAYMARK_TEST_POSTGRES", &postgres.url).env("WAYMARK_TEST_KAFKA", &kafka.brokers))
}

/// `cargo xtask bench transport`
pub fn transport(rounds: usize, seconds: u64) -> Result<()> {
    if !has("wrk") {
        install(&["wrk"]).context("the load comes from wrk")?;
    }
    let mut cargo = cargo();
    cargo.args(["build", "--release", "--package", "waymark-gateway"]);
    run(cargo.args(["--features", "bench", "--example", "transport-bench"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let program = target.join("release/examples/transport-bench");
    let script = temporary("bench")?.join("post.lua");
    let body = QUERY.replace('"', "\\\"");
    fs::write(
        &script,
        format!(
            "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = '{{\"query\":\"{body}\"}}'\n"
        ),
    )?;
    let mut sides = [start(&program, "ours")?, start(&program, "theirs")?];
    for side in &sides {
        check(side)?;
        // Caches, allocators and branch predictors are warm before anything counts.
        load(side, &script, 1)?;
    }
    for round in 0..rounds {
        for side in &mut sides {
            let measured = load(side, &script, seconds)?;
            eprintln!(
                "xtask: round {} of {rounds}, {}: {:.0} requests/s, {:.0} per CPU-second",
                round + 1,
                side.name,
                measured.per_second,
                measured.per_cpu_second
            );
            side.rounds.push(measured);
        }
    }
    report(&sides);
    Ok(())
}

fn start(program: &Path, name: &'static str) -> Result<Side> {
    let port = free_port()?;
    let child = Command::new(program)
        .args([name, &port.to_string()])
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let pid = child.id();
    let server = Server::new(child, temporary(name)?);
    wait_for(name, Duration::from_secs(10), || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok(Side {
        name,
        url: format!("http://127.0.0.1:{port}/graphql"),
        pid,
        _server: server,
        rounds: Vec::new(),
    })
}

/// The answer is right before it is counted.
fn check(side: &Side) -> Result<()> {
    let body = format!("{{\"query\":\"{QUERY}\"}}");
    let mut curl = Command::new("curl");
    curl.args(["-sf", &side.url, "-H", "Content-Type: application/json", "-d", &body]);
    let answer = output(&mut curl)?;
    if !answer.contains("\"administrator\":true") {
        bail!("{} answers {answer}", side.name);
    }
    Ok(())
}

fn load(side: &Side, script: &Path, seconds: u64) -> Result<Round> {
    let before = cpu(side.pid)?;
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "-c", CONNECTIONS, "-d", &format!("{seconds}s"), "-s"]).arg(script).arg(&side.url);
    let text = output(&mut wrk)?;
    let used = cpu(side.pid)? - before;
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        bail!("{}: {text}", side.name);
    }
    let number = |line: &str, word: usize| line.split_whitespace().nth(word)?.parse::<f64>().ok();
    let requests = text.lines().find(|line| line.contains("requests in")).and_then(|line| number(line, 0));
    let per_second =
        text.lines().find(|line| line.starts_with("Requests/sec")).and_then(|line| number(line, 1));
    let (Some(requests), Some(per_second)) = (requests, per_second) else { bail!("wrk says: {text}") };
    Ok(Round { per_second, per_cpu_second: requests / used })
}

/// Seconds of processor time that the process has used.
fn cpu(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may have spaces.
    let (_, fields) = stat.rsplit_once(')').context("/proc/PID/stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(11) + ticks(12)) / TICKS)
}

fn report([ours, theirs]: &[Side; 2]) {
    let median = |side: &Side, of: fn(&Round) -> f64| {
        let mut values: Vec<f64> = side.rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    println!("transport alone, {QUERY}, {CONNECTIONS} connections, medians of {} rounds", ours.rounds.len());
    println!("| | requests/s | requests per CPU-second |\n|---|---|---|");
    for side in [ours, theirs] {
        println!(
            "| {} | {:.0} | {:.0} |",
            side.name,
            median(side, |round| round.per_second),
            median(side, |round| round.per_cpu_second)
        );
    }
    let ratio = |of: fn(&Round) -> f64| median(ours, of) / median(theirs, of);
    println!("| ratio | {:.2} | {:.2} |", ratio(|r| r.per_second), ratio(|r| r.per_cpu_second));
}
