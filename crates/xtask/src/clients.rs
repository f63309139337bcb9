//! Clients of other ecosystems: every folder below `clients/` with a package.json (Node) or a requirements.txt
//! (Python).

use crate::shell::{has, install, root, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A client, and how it is tested.
pub struct Client {
    /// Name of its folder.
    pub name: String,
    folder: PathBuf,
    python: bool,
}

/// Every client, once what they need is there.
pub fn all() -> Result<Vec<Client>> {
    if !has("npm") {
        bail!("the clients are tested with Node and npm: please install them");
    }
    if !["chromium", "google-chrome"].into_iter().any(has) {
        install(&["chromium"]).context("the playground is seen in a browser")?;
    }
    let mut clients = Vec::new();
    for entry in fs::read_dir(root().join("clients"))? {
        let folder = entry?.path();
        let python = folder.join("requirements.txt").is_file();
        if python || folder.join("package.json").is_file() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            clients.push(Client { name: format!("clients/{name}"), folder, python });
        }
    }
    // The journey's libraries serve the others too.
    clients.sort_by_key(|client| (client.name != "clients/journey", client.name.clone()));
    Ok(clients)
}

impl Client {
    /// Installs the packages that it names. Every client's come before the first test, for they use each
    /// other's helpers, and a helper finds its packages beside itself.
    pub fn prepare(&self) -> Result<()> {
        if self.python { self.environment() } else { self.npm(&["ci", "--no-audit", "--no-fund"], &|_| ()) }
    }

    /// Runs its tests.
    pub fn check(&self, equip: &impl Fn(&mut Command)) -> Result<()> {
        if self.python { self.run_python(&["-m", "pytest", "-q"], equip) } else { self.npm(&["test"], equip) }
    }

    fn npm(&self, args: &[&str], equip: &impl Fn(&mut Command)) -> Result<()> {
        let mut npm = Command::new("npm");
        npm.args(args).current_dir(&self.folder);
        equip(&mut npm);
        run(&mut npm)
    }

    /// A virtual environment of its own, below `target`.
    fn environment(&self) -> Result<()> {
        if !self.program().exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(self.home()))
                .context("Python with its virtual environments is needed (python3-venv)")?;
        }
        let quiet = ["--quiet", "--disable-pip-version-check"];
        let args = [&["-m", "pip", "install"][..], &quiet, &["-r", "requirements.txt"]].concat();
        self.run_python(&args, &|_| ())
    }

    fn run_python(&self, args: &[&str], equip: &impl Fn(&mut Command)) -> Result<()> {
        let mut python = Command::new(self.program());
        python.args(args).current_dir(&self.folder).env("PYTHONDONTWRITEBYTECODE", "1");
        equip(&mut python);
        run(&mut python)
    }

    fn home(&self) -> PathBuf {
        root().join("target/tools").join(self.name.replace('/', "-"))
    }

    fn program(&self) -> PathBuf {
        self.home().join("bin/python")
    }
}
