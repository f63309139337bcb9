//! Cursors: opaque, and valid only for the list that made them.

use crate::error::{Code, coded};
use async_graphql::Result;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;
use uuid::Uuid;
use waymark_domain::kernel::{Actor, DomainId};
use waymark_domain::ports::PageKey;

/// Bytes of the tag that are sent: 128 bits cannot be guessed.
const TAG: usize = 16;

/// The key by which cursors are protected.
#[derive(Clone)]
pub struct CursorKey(Arc<hmac::Key>);

/// What a cursor is bound to: the list, its filter and order, and the tenant.
#[derive(Debug, Clone)]
pub struct CursorScope(String);

impl CursorScope {
    /// The scope of a list; `filter` tells its filter and order apart from others.
    #[must_use]
    pub fn new(viewer: &Actor, list: &str, filter: &str) -> Self {
        Self(format!("{}|{list}|{filter}", viewer.tenant.id.uuid()))
    }
}

impl CursorKey {
    /// A key from at least 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The cursor of an entry: tag, id, sort value.
    #[must_use]
    pub fn encode(&self, scope: &CursorScope, key: &PageKey) -> String {
        let mut body = key.id.as_bytes().to_vec();
        body.extend(key.sort.as_bytes());
        let mut bytes = self.tag(scope, &body).as_ref()[..TAG].to_vec();
        bytes.extend(body);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The entry behind a cursor.
    ///
    /// # Errors
    /// `BAD_CURSOR` for anything that this list did not make.
    pub fn decode(&self, scope: &CursorScope, cursor: &str) -> Result<PageKey> {
        self.open(scope, cursor)
            .ok_or_else(|| coded(Code::BadCursor, "This cursor was not made by this list."))
    }

    fn open(&self, scope: &CursorScope, cursor: &str) -> Option<PageKey> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, body) = bytes.split_at_checked(TAG)?;
        let expected = self.tag(scope, body);
        aws_lc_rs::constant_time::verify_slices_are_equal(tag, &expected.as_ref()[..TAG]).ok()?;
        let (id, sort) = body.split_at_checked(16)?;
        Some(PageKey { id: Uuid::from_slice(id).ok()?, sort: String::from_utf8(sort.to_vec()).ok()? })
    }

    fn tag(&self, scope: &CursorScope, body: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        // The length keeps scope and body apart.
        context.update(&u64::try_from(scope.0.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(scope.0.as_bytes());
        context.update(body);
        context.sign()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waymark_domain::kernel::Tenant;

    #[test]
    fn a_cursor_serves_its_own_list_alone() {
        let cursors = CursorKey::new(&[7; 32]);
        let viewer = |tenant| Actor::human(Tenant::named(tenant), "somebody", None, false);
        let scope = CursorScope::new(&viewer("a"), "people", "");
        let key = PageKey { sort: "Ada".to_owned(), id: Uuid::from_u128(1) };
        let cursor = cursors.encode(&scope, &key);
        assert_eq!(cursors.decode(&scope, &cursor).ok(), Some(key));
        for other in [
            CursorScope::new(&viewer("b"), "people", ""),
            CursorScope::new(&viewer("a"), "teams", ""),
            CursorScope::new(&viewer("a"), "people", "team"),
        ] {
            assert!(cursors.decode(&other, &cursor).is_err());
        }
        for broken in ["", "x", "%", &cursor[1..], &format!("{cursor}A"), &cursor.to_lowercase()] {
            assert!(cursors.decode(&scope, broken).is_err(), "{broken}");
        }
    }
}
