//! An Apache Kafka of the tests' own, from Maven's central repository.

use crate::shell::{Server, free_port, has, install, root, run, temporary, wait_for};
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Any 16 bytes in base64 name a cluster.
const CLUSTER: &str = "d2F5bWFyay10ZXN0cy0wMQ";

/// A running broker and where it is.
pub struct Kafka {
    /// `127.0.0.1:port`
    pub brokers: String,
    _server: Server,
}

/// A broker that can be started, and started again on what it left.
pub struct Prepared {
    /// `127.0.0.1:port`
    pub brokers: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    port: u16,
    /// Where its data is.
    pub folder: PathBuf,
}

/// Starts a broker on a free port, with data that is gone afterwards.
pub fn start() -> Result<Kafka> {
    let Prepared { brokers, command, port, folder } = prepare()?;
    let log = File::create(folder.join("kafka.log"))?;
    let child = Command::new(&command[0])
        .args(&command[1..])
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("Kafka cannot be started")?;
    let server = Server::new(child, folder);
    wait_for("Kafka", Duration::from_secs(60), || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok(Kafka { brokers, _server: server })
}

/// Prepares a broker on a free port.
pub fn prepare() -> Result<Prepared> {
    let libraries = libraries()?;
    let folder = temporary("kafka")?;
    let (port, controller) = (free_port()?, free_port()?);
    let properties = folder.join("server.properties");
    fs::write(&properties, settings(&folder, port, controller))?;
    let log4j = folder.join("log4j2.yaml");
    fs::write(&log4j, "Configuration:\n  status: \"off\"\n  Loggers:\n    Root:\n      level: \"off\"\n")?;
    let java = |main: &str| {
        let mut java: Vec<String> =
            ["java", "-Xmx384m", "-Xms128m", "-XX:TieredStopAtLevel=1"].map(str::to_owned).into();
        java.push(format!("-Dlog4j2.configurationFile={}", log4j.display()));
        java.extend(["-cp".to_owned(), format!("{}/*", libraries.display()), main.to_owned()]);
        java
    };
    let format = java("kafka.tools.StorageTool");
    run(Command::new(&format[0])
        .args(&format[1..])
        .args(["format", "-t", CLUSTER, "-c"])
        .arg(&properties)
        .stdout(Stdio::null()))?;
    let mut command = java("kafka.Kafka");
    command.push(properties.display().to_string());
    Ok(Prepared { brokers: format!("127.0.0.1:{port}"), command, port, folder })
}

fn settings(folder: &Path, port: u16, controller: u16) -> String {
    format!(
        "process.roles=broker,controller\nnode.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
         controller.listener.names=CONTROLLER\n\
         listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n\
         log.dirs={}\noffsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\ngroup.initial.rebalance.delay.ms=0\n\
         auto.create.topics.enable=false\n\
         broker.session.timeout.ms=3000\nbroker.heartbeat.interval.ms=500\n",
        folder.join("data").display()
    )
}

/// The broker's libraries, fetched once.
fn libraries() -> Result<PathBuf> {
    let folder = root().join("target/kafka/libs");
    let missing: Vec<&str> = [("java", "openjdk-17-jre-headless"), ("mvn", "maven")]
        .into_iter()
        .filter(|(program, _)| !has(program))
        .map(|(_, package)| package)
        .collect();
    if !missing.is_empty() {
        install(&missing).context("Apache Kafka needs Java 17 and Maven")?;
    }
    let done = folder.join(".complete");
    if !done.exists() {
        let pom = root().join("crates/xtask/kafka/pom.xml");
        let target = format!("-DoutputDirectory={}", folder.display());
        run(Command::new("mvn")
            .args(["-q", "-B", "-Dstyle.color=never", "-f"])
            .arg(pom)
            .arg("dependency:copy-dependencies")
            .arg(target))
        .context("Apache Kafka cannot be fetched")?;
        fs::write(done, "")?;
    }
    Ok(folder)
}
