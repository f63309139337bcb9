//! The link of an export: 256 random bits, of which only a hash is kept.

use crate::error::{Code, coded};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt::Write;

/// Tables that there is a file of.
pub(super) const TABLES: [&str; 7] =
    ["person", "assignments", "evidence", "skills", "roles", "consents", "erasureRequests"];

/// The secret of a link. It has no Debug, so that it does not end up in a log.
pub(crate) struct Link(String);

impl Link {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn new() -> async_graphql::Result<Self> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| {
            tracing::error!("the system has no random bytes");
            coded(Code::Internal, "The service is at fault.")
        })?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// SHA-256 of the secret, in hexadecimal digits.
    pub fn hash(&self) -> String {
        Self::hash_of(&self.0)
    }

    /// SHA-256 of what may be a secret, in hexadecimal digits.
    pub fn hash_of(secret: &str) -> String {
        digest(&SHA256, secret.as_bytes()).as_ref().iter().fold(String::new(), |mut text, byte| {
            // Writing into a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Where the files are.
    pub fn paths(&self) -> Vec<String> {
        let tables = TABLES.iter().map(|table| format!("{table}.csv"));
        let names = ["data.json".to_owned(), "resume.json".to_owned()].into_iter().chain(tables);
        names.map(|name| format!("/exports/{}/{name}", self.0)).collect()
    }
}
