//! Finding what is sealed: a keyed hash stands where the clear text would.

use super::Vault;
use super::envelope::KEY_BYTES;
use crate::error::Result;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use sea_orm::ConnectionTrait;
use waymark_domain::kernel::{DomainId, TenantId};

/// What is looked up; the same text hashes to something else as another of these.
#[derive(Clone, Copy)]
pub(crate) enum What {
    ExternalId,
    Email,
    Payload,
}

/// Makes the hashes of one tenant.
pub(crate) struct Index(hmac::Key);

impl Index {
    pub fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(hmac::Key::new(HMAC_SHA256, key))
    }

    /// The hash of a text: 64 hexadecimal digits.
    pub fn of(&self, what: What, text: &str) -> String {
        let what = match what {
            What::ExternalId => "external-id",
            What::Email => "email",
            What::Payload => "payload",
        };
        let mut context = hmac::Context::with_key(&self.0);
        context.update(what.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Vault {
    /// What may stand in a column of external ids for one of these.
    pub async fn external_ids(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        texts: &[impl AsRef<str> + Sync],
    ) -> Result<Vec<String>> {
        self.look_ups(db, tenant, What::ExternalId, texts).await
    }

    /// What may stand in a column of addresses for one of these, in lower case.
    pub async fn emails(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        texts: &[impl AsRef<str> + Sync],
    ) -> Result<Vec<String>> {
        self.look_ups(db, tenant, What::Email, texts).await
    }

    /// What stands in the database for a hash that anybody could make from a guess; the hash itself if the tenant is not
    /// sealed.
    pub async fn blind(&self, db: &impl ConnectionTrait, tenant: TenantId, hash: &str) -> Result<String> {
        let keys = self.tenant(db, tenant.uuid()).await?.filter(|keys| keys.sealed);
        Ok(keys.map_or_else(|| hash.to_owned(), |keys| keys.index.of(What::Payload, hash)))
    }

    /// Until everybody of the tenant is sealed, either may stand there.
    async fn look_ups(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        what: What,
        texts: &[impl AsRef<str> + Sync],
    ) -> Result<Vec<String>> {
        let keys = self.tenant(db, tenant.uuid()).await?;
        let clear = texts.iter().map(|text| text.as_ref().to_owned());
        let Some(keys) = keys else { return Ok(clear.collect()) };
        let hashed = texts.iter().map(|text| keys.index.of(what, text.as_ref()));
        Ok(if keys.sealed { hashed.collect() } else { clear.chain(hashed).collect() })
    }
}
