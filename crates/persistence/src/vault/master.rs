//! Master keys: of the operator's, never in the database.

use super::envelope::{KEY_BYTES, Key};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// Something is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it is not a master key: 32 random bytes in base64, as `openssl rand -base64 32` makes them")]
pub struct BadKey;

/// A master key: 32 random bytes.
pub struct MasterKey {
    pub(super) id: String,
    pub(super) key: Key,
}

/// The master key by which is wrapped, and earlier ones by which may still be unwrapped.
pub struct MasterKeys {
    pub(super) current: MasterKey,
    pub(super) previous: Vec<MasterKey>,
}

impl MasterKey {
    /// The key of a file or of a setting: base64, with or without a line's end.
    ///
    /// # Errors
    /// When it is not 32 bytes.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| BadKey)?;
        let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| BadKey)?;
        // Tells keys apart without telling them.
        let name = digest(&SHA256, &[b"waymark master key\0", &bytes[..]].concat());
        let id = name.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { id, key: Key::new(&bytes).map_err(|_| BadKey)? })
    }
}

impl MasterKeys {
    /// One key, and those that came before it.
    #[must_use]
    pub fn new(current: MasterKey, previous: Vec<MasterKey>) -> Self {
        Self { current, previous }
    }

    pub(super) fn named(&self, id: &str) -> Option<&MasterKey> {
        std::iter::once(&self.current).chain(&self.previous).find(|key| key.id == id)
    }
}
