//! The command line.

mod administration;

pub use administration::{
    AuditArgs, AuditWhat, GrantArgs, GrantedRole, KeysArgs, KeysWhat, RetentionArgs, RetentionWhat,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Waymark: the open, self-hosted system of record for the careers of backend developers.
#[derive(Debug, Parser)]
#[command(name = "waymark", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Try it out: `waymark dev`. Run it for real: see `waymark check-config --help`.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The roles of the binary.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Everything in one process, with sample data: SQLite, an embedded broker, the playground.
    ///
    /// For trying out and for development. A second start keeps the data. Listens on loopback only.
    Dev(DevArgs),
    /// Print a token of a sample persona of `waymark dev`.
    Token(TokenArgs),
    /// Serve the GraphQL API.
    Serve(ConfigArgs),
    /// Publish committed events to Kafka.
    Relay(ConfigArgs),
    /// Check the topics, or bring them into the state that they should be in.
    Topics(TopicsArgs),
    /// Bring the database's schema up to date.
    Migrate(ConfigArgs),
    /// Import a framework or people from a file.
    Import(ImportArgs),
    /// Grant somebody a role, on the operator's behalf.
    ///
    /// It is in force at once. By the API it takes two administrators: `requestGrant`, `approveGrant`.
    Grant(GrantArgs),
    /// Verify the audit log.
    Audit(AuditArgs),
    /// The keys by which text about people is sealed in the database.
    Keys(KeysArgs),
    /// Delete what has served its purpose.
    Retention(RetentionArgs),
    /// Print the events of a topic.
    Consume(ConsumeArgs),
    /// Print the GraphQL schema or the register of stored data, or write the JSON Schemas and the AsyncAPI document of
    /// the events.
    Schema(SchemaArgs),
    /// Check a manifest of trusted documents against the schema and the limits.
    Operations(OperationsArgs),
    /// Check the configuration and say what is wrong with it.
    CheckConfig(CheckConfigArgs),
}

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// Configuration file (TOML). Environment variables such as WAYMARK_DATABASE__URL override it.
    #[arg(long, short, env = "WAYMARK_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Arguments of `waymark dev`.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// Folder for the database and the development keys.
    #[arg(long, default_value = ".waymark", value_name = "DIR")]
    pub data: PathBuf,
    /// Address of the API and the playground; loopback only.
    #[arg(long, default_value = "127.0.0.1:4000", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Address of the embedded Kafka broker; loopback only.
    #[arg(long, default_value = "127.0.0.1:19092", value_name = "ADDRESS")]
    pub kafka_listen: SocketAddr,
    /// Start with an empty organisation instead of the sample data.
    #[arg(long)]
    pub empty: bool,
    /// Take the access tokens of this OpenID provider too: behind https, or http on this machine.
    #[arg(long, value_name = "URL", requires = "audience")]
    pub issuer: Option<String>,
    /// `aud` of that provider's tokens.
    #[arg(long, value_name = "NAME", requires = "issuer")]
    pub audience: Option<String>,
}

/// A sample persona.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Persona {
    /// A backend developer.
    Engineer,
    /// Their manager.
    Manager,
    /// The administrator of the tenant, at the top of the reporting lines.
    Admin,
    /// A member of a panel that looks at the engineer's case.
    PanelMember,
    /// The people partner of the engineer's team.
    PeoplePartner,
    /// The owner of the tenant's frameworks.
    FrameworkOwner,
    /// A program that reads people, levels and events.
    Service,
}

/// Arguments of `waymark token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Whose token.
    pub persona: Persona,
    /// Folder of `waymark dev`.
    #[arg(long, default_value = ".waymark", value_name = "DIR")]
    pub data: PathBuf,
    /// Hours for which it is valid, 1 to 24.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=24))]
    pub hours: u32,
}

/// Arguments of `waymark import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What to import.
    #[command(subcommand)]
    pub what: ImportWhat,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum ImportWhat {
    /// A career framework: one YAML or JSON document.
    Framework {
        /// The document; `-` reads standard input.
        file: PathBuf,
        /// Publish the imported version at once.
        #[arg(long)]
        publish: bool,
        /// Where to.
        #[command(flatten)]
        target: ImportTarget,
    },
    /// People: CSV with the columns `external_id`, name, email, discipline, team, `manager_external_id`,
    /// position, since.
    People {
        /// The CSV file; `-` reads standard input.
        file: PathBuf,
        /// Where to.
        #[command(flatten)]
        target: ImportTarget,
    },
}

/// Which database an import writes to.
#[derive(Debug, Args)]
pub struct ImportTarget {
    /// Configuration of a production database.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Folder of `waymark dev`, instead of a configuration.
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub data: Option<PathBuf>,
}

/// Arguments of `waymark consume`.
#[derive(Debug, Args)]
pub struct ConsumeArgs {
    /// Topic, for instance career.progress.events.v1.
    #[arg(long)]
    pub topic: String,
    /// Kafka brokers; by default the embedded one of `waymark dev`.
    #[arg(
        long,
        env = "WAYMARK_EVENTS__BROKERS",
        default_value = "127.0.0.1:19092",
        value_name = "HOST:PORT"
    )]
    pub brokers: String,
    /// Begin with the oldest event instead of the next new one.
    #[arg(long)]
    pub from_beginning: bool,
    /// Stop after this many events.
    #[arg(long, value_name = "N")]
    pub max: Option<usize>,
    /// Stop when no event came for this many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub idle: Option<u64>,
    /// One JSON object a line, for other programs.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `waymark schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which schema.
    #[command(subcommand)]
    pub what: SchemaWhat,
}

/// What has a schema.
#[derive(Debug, Subcommand)]
pub enum SchemaWhat {
    /// Print the GraphQL schema (SDL, sorted).
    Graphql,
    /// Print the register of what is stored about people (Markdown).
    Privacy,
    /// Write the JSON Schemas of all event types, one file a type, and asyncapi.json.
    Events {
        /// Folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// Arguments of `waymark topics`.
#[derive(Debug, Args)]
pub struct TopicsArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: TopicsWhat,
}

/// What can be done with topics.
#[derive(Debug, Subcommand)]
pub enum TopicsWhat {
    /// Show what is missing or differs; fails if anything does.
    Check(ConfigArgs),
    /// Make what is missing and change settings that differ.
    ///
    /// Never changes the number of partitions or copies. A shorter retention deletes messages.
    Apply(ConfigArgs),
}

/// Arguments of `waymark operations`.
#[derive(Debug, Args)]
pub struct OperationsArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: OperationsWhat,
}

/// What can be done with trusted documents.
#[derive(Debug, Subcommand)]
pub enum OperationsWhat {
    /// Say which documents of a manifest the service would refuse, and why.
    Check {
        /// The manifest: Apollo's, or that of graphql-codegen.
        file: PathBuf,
    },
}

/// Arguments of `waymark check-config`.
#[derive(Debug, Args)]
pub struct CheckConfigArgs {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Print every setting with its default and what it is for, as a TOML file to start from.
    #[arg(long)]
    pub defaults: bool,
}
