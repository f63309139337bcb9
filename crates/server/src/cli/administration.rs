//! What those who run Waymark look after: roles, the audit log, keys, retention.

use super::{ConfigArgs, ImportTarget};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use waymark_domain::audit::Anchor;

/// A role that can be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GrantedRole {
    /// Looks at one person's case (--person).
    PanelMember,
    /// Looks after the people of a team (--team), or of the tenant.
    PeoplePartner,
    /// Looks after the tenant's frameworks.
    FrameworkOwner,
    /// A program with permissions of its own (--permission).
    Service,
    /// Looks after the tenant: people, teams, roles.
    TenantAdministrator,
}

/// Arguments of `waymark grant`.
#[derive(Debug, Args)]
pub struct GrantArgs {
    /// The role.
    pub role: GrantedRole,
    /// Subject of their tokens: a person's external id, or a service's client id.
    pub subject: String,
    /// Key of the team for which it is.
    #[arg(long, value_name = "KEY", conflicts_with = "person")]
    pub team: Option<String>,
    /// External id of the person whose case it is.
    #[arg(long, value_name = "EXTERNAL_ID")]
    pub person: Option<String>,
    /// What a service may do, for instance `events:read`; may be repeated.
    #[arg(long = "permission", value_name = "NAME")]
    pub permissions: Vec<String>,
    /// When it ends, for instance 2027-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub until: Option<DateTime<Utc>>,
    /// Where to.
    #[command(flatten)]
    pub target: ImportTarget,
}

/// Arguments of `waymark audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: AuditWhat,
}

/// What can be done with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditWhat {
    /// Compute a tenant's whole chain anew and say whether it is as it was sealed.
    ///
    /// Prints the end of the chain: note it where whoever writes to the database cannot, and hand it to --expect next
    /// time. Fails if the chain is broken, and names the first entry.
    Verify {
        /// Key of the tenant; that of the configuration if left out.
        #[arg(long, value_name = "KEY")]
        tenant: Option<String>,
        /// An end of the chain that was noted before: it has to be part of the chain still.
        #[arg(long, value_name = "NUMBER:HASH")]
        expect: Option<Anchor>,
        /// Which database.
        #[command(flatten)]
        target: ImportTarget,
    },
}

/// Arguments of `waymark keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: KeysWhat,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeysWhat {
    /// Print a new master key.
    New,
    /// Say how far each tenant is sealed, and whether it opens.
    Status(ConfigArgs),
    /// Seal what is still in the clear.
    ///
    /// A tenant that is new is sealed from the start. One that has people already is sealed by this, while the service
    /// runs, once every process has a master key: each gateway must be of this version.
    Seal(ConfigArgs),
    /// Make a new key for each tenant, and wrap everything by it and by the current master key.
    ///
    /// To change the master key, name the new one as encryption.master_key_file and the old one in
    /// encryption.previous_key_files, restart the gateways, and run this. Works while the service runs; can be repeated.
    Rotate(ConfigArgs),
}

/// Arguments of `waymark retention`.
#[derive(Debug, Args)]
pub struct RetentionArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: RetentionWhat,
}

/// What can be done about retention.
#[derive(Debug, Subcommand)]
pub enum RetentionWhat {
    /// Delete now what is over by the section [retention] of the configuration, of each tenant in it.
    ///
    /// `waymark serve` does the same once a day. Each run is noted; administrators read it as `retentionRuns`. Works
    /// while the service runs; can be repeated.
    Run {
        /// Only say how many rows it would be.
        #[arg(long)]
        dry_run: bool,
        /// Where the configuration is.
        #[command(flatten)]
        config: ConfigArgs,
    },
}
