//! The development issuer: an Ed25519 key in the data folder, made at the first start.

use super::{AUDIENCE, TENANT};
use crate::config::read_master_key;
use crate::system::random;
use anyhow::{Context, Result, anyhow, bail};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use waymark_domain::kernel::Tenant;
use waymark_gateway::auth::{IssuerConfig, KeySource, PublicKey};
use waymark_persistence::MasterKeys;

/// `iss` of development tokens. A production process refuses it.
pub const ISSUER: &str = "urn:waymark:development";

/// Longest life of a development token, in hours.
pub const MAX_HOURS: i64 = 24;

/// The issuer of one data folder.
pub struct Issuer {
    pkcs8: Vec<u8>,
    /// Protects the cursors of this folder's gateway.
    pub cursor_secret: Vec<u8>,
}

impl Issuer {
    /// The issuer of a folder that `waymark dev` has used.
    ///
    /// # Errors
    /// When the folder has no key.
    pub fn open(folder: &Path) -> Result<Self> {
        let file = folder.join("issuer.key");
        if !file.is_file() {
            bail!("there is no key in {}; start `waymark dev --data {0}` first", folder.display());
        }
        Self::open_or_create(folder)
    }

    /// The issuer of a folder; its secrets are made if they are missing.
    ///
    /// # Errors
    /// When they cannot be made or read.
    pub fn open_or_create(folder: &Path) -> Result<Self> {
        let pkcs8 = secret(&folder.join("issuer.key"), || {
            let pair = Ed25519KeyPair::generate().map_err(|_| anyhow!("no key can be made"))?;
            let pkcs8 = pair.to_pkcs8v1().map_err(|_| anyhow!("no key can be made"))?;
            Ok(pkcs8.as_ref().to_vec())
        })?;
        let cursor_secret = secret(&folder.join("cursor.key"), || Ok(random()?.to_vec()))?;
        Ok(Self { pkcs8, cursor_secret })
    }

    /// A token for this subject.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn token(&self, subject: &str, now: DateTime<Utc>, life: Duration) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        let claims = json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now.timestamp(),
            "exp": (now + life).timestamp(),
        });
        encode(&header, &claims, &EncodingKey::from_ed_der(&self.pkcs8)).context("the token cannot be signed")
    }

    /// How a gateway verifies these tokens.
    ///
    /// # Errors
    /// When the key is broken.
    pub fn config(&self) -> Result<IssuerConfig> {
        let pair = Ed25519KeyPair::from_pkcs8(&self.pkcs8)
            .map_err(|_| anyhow!("issuer.key is broken; delete it and start again"))?;
        let der: PublicKeyX509Der<'_> =
            pair.public_key().as_der().map_err(|_| anyhow!("the public key cannot be written"))?;
        let body = STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
        Ok(IssuerConfig {
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            tenant: Tenant::named(TENANT),
            keys: KeySource::Fixed(PublicKey::from_pem(&pem)?),
            token_type: "at+jwt".to_owned(),
            max_lifetime: Duration::hours(MAX_HOURS),
        })
    }
}

/// The key that opens what is sealed in a folder's database; made if it is missing.
///
/// # Errors
/// When it cannot be made or read.
pub fn master_keys(folder: &Path) -> Result<MasterKeys> {
    let file = folder.join("master.key");
    secret(&file, || Ok(STANDARD.encode(random()?).into_bytes()))?;
    Ok(MasterKeys::new(read_master_key("the key of the folder", &file)?, Vec::new()))
}

/// The bytes of a file that nobody else may read, made if it is missing.
fn secret(file: &Path, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    if !file.exists() {
        let bytes = make()?;
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        opened
            .and_then(|mut opened| opened.write_all(&bytes))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}
