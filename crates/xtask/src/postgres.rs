//! A PostgreSQL of the tests' own.

use crate::shell::{Server, free_port, install, is_root, run, temporary, wait_for};
use anyhow::{Context, Result};
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A running server and the URL of its maintenance database.
pub struct Postgres {
    /// `postgres://...`
    pub url: String,
    _server: Server,
}

/// Starts a server on a free port, with data that is gone afterwards.
pub fn start() -> Result<Postgres> {
    let bin = match binaries() {
        Some(bin) => bin,
        None => {
            install(&["postgresql"])?;
            binaries().context("PostgreSQL was installed, but its server is not to be found")?
        }
    };
    let folder = temporary("postgres")?;
    let data = folder.join("data");
    if is_root() {
        // The server refuses to run as root.
        run(Command::new("chown").arg("postgres").arg(&folder))?;
    }
    let mut initdb = as_owner(&bin.join("initdb"));
    initdb.arg("-D").arg(&data).args(["-U", "waymark", "-A", "trust", "-E", "UTF8", "--no-sync"]);
    run(initdb.current_dir("/").stdout(Stdio::null()))?;
    let port = free_port()?;
    let mut postgres = as_owner(&bin.join("postgres"));
    postgres.arg("-D").arg(&data).args(["-p", &port.to_string(), "-k", ""]).args([
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "max_connections=200",
        "-c",
        "log_min_messages=fatal",
        // The data is gone after the tests anyway.
        "-c",
        "fsync=off",
    ]);
    let child = postgres.current_dir("/").spawn().context("PostgreSQL cannot be started")?;
    let server = Server::new(child, folder);
    wait_for("PostgreSQL", Duration::from_secs(30), || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok(Postgres { url: format!("postgres://waymark@127.0.0.1:{port}/postgres"), _server: server })
}

/// The folder of the newest installed server.
fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("postgres").exists())
        .collect();
    versions.sort();
    let on_path =
        || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("postgres").exists());
    versions.pop().map(|(_, bin)| bin).or_else(on_path)
}

fn as_owner(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}
