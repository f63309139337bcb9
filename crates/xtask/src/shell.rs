//! Running other programs.

use anyhow::{Context, Result, bail};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// The workspace's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Cargo, in the workspace's root. What cargo told this process about itself is not passed on: build scripts watch
/// those variables, and would run anew whenever somebody changes between `cargo` and `cargo xtask`.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let own = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.starts_with(prefix))
        });
        if own {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// A program with its arguments, for people.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ").chars().take(200).collect()
}

/// Runs a program and shows what it prints.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    eprintln!("xtask: {shown}");
    let status = command.status().with_context(|| format!("{shown} cannot be started"))?;
    if !status.success() {
        bail!("{shown} failed: {status}");
    }
    Ok(())
}

/// What a program prints.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("{shown} cannot be started"))?;
    if !output.status.success() {
        bail!("{shown} failed: {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a program is there.
pub fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.is_ok()
}

/// Whether this is root, who may install packages.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Installs Debian packages where that is possible, else says what to install.
pub fn install(packages: &[&str]) -> Result<()> {
    if !is_root() || !has("apt-get") {
        bail!("please install: {}", packages.join(", "));
    }
    eprintln!("xtask: installing {}", packages.join(", "));
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages)
        .stdout(Stdio::null()))
}

/// A port of loopback that nobody uses, below those that the system gives to any connection meanwhile; where there
/// is no room below, one that the system chooses.
pub fn free_port() -> Result<u16> {
    const LOWEST: u16 = 10_000;
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let end: u16 = range.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or_default();
    // Begins at another place in each process, so that two of them seldom try the same.
    let begin = u16::try_from(std::process::id() % 10_000)?.saturating_add(LOWEST);
    static TURN: AtomicU16 = AtomicU16::new(0);
    for _ in 0..100 {
        let port = begin.saturating_add(TURN.fetch_add(1, Ordering::Relaxed));
        if port >= end {
            break;
        }
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until `ready` says yes.
pub fn wait_for(what: &str, most: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while !ready() {
        if start.elapsed() > most {
            bail!("{what} did not answer within {} s", most.as_secs());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    eprintln!("xtask: {what} answers after {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// A server that ends with this value: asked first, then cut off.
pub struct Server {
    child: Child,
    folder: PathBuf,
}

impl Server {
    /// A started server whose data lies in this folder, which goes with it.
    pub fn new(child: Child, folder: PathBuf) -> Self {
        Self { child, folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        // PostgreSQL ends fast on SIGINT, Kafka on SIGTERM; both take either.
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A new temporary folder.
pub fn temporary(name: &str) -> Result<PathBuf> {
    static TURN: AtomicU16 = AtomicU16::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("waymark-{name}-{}-{turn}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
