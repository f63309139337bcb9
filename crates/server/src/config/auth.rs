//! Section `[auth]`: whose tokens are taken. `defaults.toml` says what each setting is for.

use super::TenantConfig;
use chrono::Duration;
use serde::Deserialize;
use std::path::PathBuf;
use waymark_domain::kernel::Tenant;

/// Section `[auth]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// The issuers, each a table `[[auth.issuers]]`.
    #[serde(default)]
    pub issuers: Vec<IssuerSettings>,
}

/// One issuer of tokens. Only its name is needed to read it; `check` says what else it must have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// `iss` of its tokens.
    pub issuer: String,
    /// `aud` of its tokens.
    #[serde(default)]
    pub audience: String,
    /// Key of the tenant whose people its subjects are; that of `[tenant]` unless said.
    pub tenant: Option<String>,
    /// Where its keys are, instead of where its discovery document says.
    pub jwks_url: Option<String>,
    /// Its one public key, instead of keys that are fetched.
    pub public_key_file: Option<PathBuf>,
    /// `typ` of its tokens.
    #[serde(default = "access_token")]
    pub token_type: String,
    /// Longest life of a token, in minutes.
    #[serde(default = "an_hour")]
    pub max_token_minutes: u32,
    /// Subjects that administer the tenant.
    #[serde(default)]
    pub administrators: Vec<String>,
}

fn access_token() -> String {
    "at+jwt".to_owned()
}

fn an_hour() -> u32 {
    60
}

impl IssuerSettings {
    /// The tenant whose people its subjects are.
    pub fn tenant(&self, default: &TenantConfig) -> Tenant {
        Tenant::named(self.tenant.as_deref().unwrap_or(&default.key))
    }

    /// Longest life of a token.
    pub fn max_lifetime(&self) -> Duration {
        Duration::minutes(i64::from(self.max_token_minutes))
    }
}
