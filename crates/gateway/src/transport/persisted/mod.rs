//! Persisted operations: documents that a hash stands for.
//!
//! Automatic ones are registered by clients at their first use and kept as long as there is room. Trusted
//! ones come from the operator's manifests; they may be larger, and in the mode `Required` nothing else is
//! executed.

use super::document::{Params, RequestError};
use super::limits::Bounds;
use crate::engine::WhenValid;
use crate::error::Code;
use aws_lc_rs::digest;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::Arc;

mod manifest;

pub use manifest::{Manifest, ManifestError, TrustedDocument};

/// Bytes of automatic documents that are kept.
const AUTOMATIC_BYTES: u64 = 16 * 1024 * 1024;

/// What trusted documents are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OperationsMode {
    /// Nothing: there are none.
    #[default]
    Off,
    /// They may be larger than free documents.
    Preferred,
    /// Nothing else is executed.
    Required,
}

/// A document to execute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub text: String,
    pub bounds: Bounds,
    /// The hash under which it is to be registered, once it is known to be valid.
    pub register: Option<Hash>,
}

/// SHA-256 of a document, in lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Hash(Arc<str>);

/// All persisted documents.
pub(super) struct Persisted {
    mode: OperationsMode,
    trusted: HashMap<Arc<str>, Arc<str>>,
    automatic: Arc<Cache<Hash, Arc<str>, Bytes>>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Hash, Arc<str>> for Bytes {
    fn weight(&self, _hash: &Hash, text: &Arc<str>) -> u64 {
        // The entry itself, about.
        u64::try_from(text.len()).unwrap_or(u64::MAX).saturating_add(200)
    }
}

impl Persisted {
    pub fn new(mode: OperationsMode, manifest: &Manifest) -> Self {
        let of = |document: &TrustedDocument| (document.id.clone(), document.text.clone());
        Self {
            mode,
            trusted: manifest.documents.iter().map(of).collect(),
            automatic: Arc::new(Cache::with_weighter(1_000, AUTOMATIC_BYTES, Bytes)),
        }
    }

    /// The document that a request means.
    pub fn find(&self, params: &mut Params) -> Result<Document, RequestError> {
        let text = params.query.take().filter(|text| !text.is_empty());
        let hash = hash_of(params)?;
        if let Some(hash) = &hash
            && self.mode != OperationsMode::Off
            && let Some(text) = self.trusted.get(&hash.0)
        {
            return Ok(Document { text: text.to_string(), bounds: Bounds::TRUSTED, register: None });
        }
        if self.mode == OperationsMode::Required {
            let message = "Only documents of the service's own list are executed.";
            return Err(RequestError::refused(Code::PersistedQueryNotInList, message));
        }
        match (text, hash) {
            (Some(text), None) => Ok(Document { text, bounds: Bounds::FREE, register: None }),
            (Some(text), Some(hash)) if hash.0 == sha256(&text) => {
                Ok(Document { text, bounds: Bounds::FREE, register: Some(hash) })
            }
            (Some(_), Some(_)) => {
                Err(RequestError::malformed("`sha256Hash` is not the SHA-256 of the document."))
            }
            (None, Some(hash)) => match self.automatic.get(&hash) {
                Some(text) => Ok(Document { text: text.to_string(), bounds: Bounds::FREE, register: None }),
                None => Err(RequestError::missed()),
            },
            (None, None) => Err(RequestError::malformed("The document (`query`) is missing.")),
        }
    }

    /// Keeps a new document, as soon as it is known to be valid.
    pub fn when_valid(&self, document: &Document) -> Option<WhenValid> {
        let (hash, text): (_, Arc<str>) = (document.register.clone()?, document.text.as_str().into());
        let automatic = self.automatic.clone();
        Some(WhenValid(Box::new(move || automatic.insert(hash.clone(), text.clone()))))
    }
}

/// The hash of a request, by Apollo's extension or by `documentId`.
fn hash_of(params: &Params) -> Result<Option<Hash>, RequestError> {
    let persisted = params.extensions.as_ref().and_then(|extensions| extensions.get("persistedQuery"));
    let persisted = persisted.filter(|persisted| !persisted.is_null());
    let text = match (persisted, &params.document_id) {
        (None, None) => return Ok(None),
        (None, Some(id)) => id.strip_prefix("sha256:").unwrap_or(id),
        (Some(persisted), _) => {
            if persisted.get("version").and_then(serde_json::Value::as_i64) != Some(1) {
                return Err(RequestError::malformed("`persistedQuery` has version 1."));
            }
            persisted.get("sha256Hash").and_then(serde_json::Value::as_str).unwrap_or_default()
        }
    };
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return Err(RequestError::malformed("The hash is not 64 hexadecimal digits in lower case."));
    }
    Ok(Some(Hash(text.into())))
}

fn sha256(text: &str) -> Arc<str> {
    use std::fmt::Write;
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let hex = hash.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    hex.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TEXT: &str = "{ viewer { actorId } }";

    fn params(query: Option<&str>, hash: Option<&str>) -> Params {
        let mut all = json!({});
        if let Some(query) = query {
            all["query"] = json!(query);
        }
        if let Some(hash) = hash {
            all["extensions"] = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
        }
        serde_json::from_value(all).unwrap()
    }

    fn code(result: Result<Document, RequestError>) -> String {
        serde_json::to_value(&result.unwrap_err().error).unwrap()["extensions"]["code"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_document_is_found_once_it_is_registered() {
        let persisted = Persisted::new(OperationsMode::Off, &Manifest::default());
        let hash = sha256(TEXT);
        assert_eq!(code(persisted.find(&mut params(None, Some(&hash)))), "PERSISTED_QUERY_NOT_FOUND");
        let document = persisted.find(&mut params(Some(TEXT), Some(&hash))).unwrap();
        assert_eq!(code(persisted.find(&mut params(None, Some(&hash)))), "PERSISTED_QUERY_NOT_FOUND");
        (persisted.when_valid(&document).unwrap().0)();
        assert_eq!(persisted.find(&mut params(None, Some(&hash))).unwrap().text, TEXT);
        assert_eq!(code(persisted.find(&mut params(Some("{ a }"), Some(&hash)))), "BAD_REQUEST");
        for broken in ["", "x", &hash.to_uppercase(), &hash[1..]] {
            assert_eq!(
                code(persisted.find(&mut params(Some(TEXT), Some(broken)))),
                "BAD_REQUEST",
                "{broken}"
            );
        }
    }

    #[test]
    fn only_the_list_is_executed_where_it_is_required() {
        let hash = sha256(TEXT);
        let manifest = Manifest::parse(&json!({ &*hash: TEXT }).to_string()).unwrap();
        let persisted = Persisted::new(OperationsMode::Required, &manifest);
        let found = persisted.find(&mut params(None, Some(&hash))).unwrap();
        assert_eq!((found.text.as_str(), found.bounds), (TEXT, Bounds::TRUSTED));
        let mut by_id = Params { document_id: Some(format!("sha256:{hash}")), ..params(None, None) };
        assert_eq!(persisted.find(&mut by_id).unwrap().text, TEXT);
        let other = sha256("{ a }");
        for mut refused in
            [params(Some(TEXT), None), params(Some("{ a }"), Some(&other)), params(None, Some(&other))]
        {
            assert_eq!(code(persisted.find(&mut refused)), "PERSISTED_QUERY_NOT_IN_LIST");
        }
        let preferred = Persisted::new(OperationsMode::Preferred, &manifest);
        assert_eq!(preferred.find(&mut params(Some(TEXT), None)).unwrap().bounds, Bounds::FREE);
        assert_eq!(preferred.find(&mut params(None, Some(&hash))).unwrap().bounds, Bounds::TRUSTED);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let persisted = Persisted::new(OperationsMode::Off, &Manifest::default());
        for number in 0..3_000 {
            let text = format!("{{ a{number} }} #{}", "x".repeat(15_000));
            let hash = sha256(&text);
            let document = persisted.find(&mut params(Some(&text), Some(&hash))).unwrap();
            (persisted.when_valid(&document).unwrap().0)();
        }
        assert!(persisted.automatic.weight() <= AUTOMATIC_BYTES);
    }
}
