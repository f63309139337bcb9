//! Sealed bytes: AES-256-GCM with a random nonce, bound to the place where they lie.
//!
//! ```text
//! 1 byte   format, 1
//! 4 bytes  version of the key, big-endian
//! 12 bytes nonce
//! rest     ciphertext with its tag of 16 bytes
//! ```
//! What is authenticated besides: the first five bytes, the tenant, the row, and the names of table and column. A sealed
//! value that is moved to another place therefore does not open.

use crate::error::{Fault, Result};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use uuid::Uuid;

const FORMAT: u8 = 1;
const HEAD: usize = 5;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;

/// A key that seals.
pub(super) struct Key(RandomizedNonceKey);

/// Where something sealed lies.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub tenant: Uuid,
    pub table: &'static str,
    pub column: &'static str,
    pub row: Uuid,
}

impl Place {
    /// A fault of what lies here.
    pub fn fault(&self, why: impl Into<String>) -> Fault {
        Fault::Sealed { table: self.table, column: self.column, row: self.row, why: why.into() }
    }

    fn bound(&self, head: &[u8]) -> Vec<u8> {
        let names = [self.table, self.column].join("\0");
        [head, self.tenant.as_bytes(), self.row.as_bytes(), names.as_bytes()].concat()
    }
}

/// New random bytes for a key.
pub(super) fn new_key() -> Result<[u8; KEY_BYTES]> {
    let mut bytes = [0; KEY_BYTES];
    rand::fill(&mut bytes).map_err(|_| Fault::Cryptography("there is no randomness"))?;
    Ok(bytes)
}

/// The version of the key by which this was sealed.
pub(super) fn key_version(sealed: &[u8], place: &Place) -> Result<i64> {
    match sealed.first_chunk::<HEAD>() {
        Some([FORMAT, version @ ..]) => Ok(i64::from(u32::from_be_bytes(*version))),
        _ => Err(place.fault("it has no form that this program knows")),
    }
}

impl Key {
    /// The key of these bytes.
    pub fn new(bytes: &[u8; KEY_BYTES]) -> Result<Self> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes);
        Ok(Self(key.map_err(|_| Fault::Cryptography("a key cannot be used"))?))
    }

    /// Seals for a place.
    pub fn seal(&self, version: i64, place: &Place, clear: &[u8]) -> Result<Vec<u8>> {
        let version = u32::try_from(version).map_err(|_| place.fault("its key has no version"))?;
        let mut head = vec![FORMAT];
        head.extend(version.to_be_bytes());
        let mut bytes = clear.to_vec();
        let bound = Aad::from(place.bound(&head));
        let nonce = self.0.seal_in_place_append_tag(bound, &mut bytes);
        let nonce = nonce.map_err(|_| Fault::Cryptography("text cannot be sealed"))?;
        Ok([&head, &nonce.as_ref()[..], &bytes].concat())
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>> {
        key_version(sealed, place)?;
        let (head, rest) = sealed.split_at(HEAD);
        let Some((nonce, text)) = rest.split_first_chunk::<NONCE_LEN>() else {
            return Err(place.fault("it is too short"));
        };
        let mut bytes = text.to_vec();
        let bound = Aad::from(place.bound(head));
        let clear = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), bound, &mut bytes);
        let clear = clear
            .map_err(|_| place.fault("it does not open: it was changed, moved, or sealed by another key"));
        Ok(clear?.to_vec())
    }

    /// Opens a key that was wrapped for this place.
    pub fn unwrap_key(&self, place: &Place, wrapped: &[u8]) -> Result<[u8; KEY_BYTES]> {
        let bytes = self.open(place, wrapped)?;
        bytes.try_into().map_err(|_| place.fault("it is not a key"))
    }
}
