//! Manifests of trusted documents: Apollo's, and that of graphql-codegen.

use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use thiserror::Error;

/// Documents that an operator trusts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// In the manifest's order.
    pub documents: Vec<TrustedDocument>,
}

/// One document of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedDocument {
    /// 64 hexadecimal digits in lower case.
    pub id: Arc<str>,
    /// Name of its operation, if the manifest says it; else the id.
    pub name: String,
    /// The document.
    pub text: Arc<str>,
}

/// Why a manifest cannot be read.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// Neither form.
    #[error(
        "this is no manifest of operations: expected Apollo's (`format`, `version`, `operations`) or a JSON \
         object from SHA-256 to document ({0})"
    )]
    Form(serde_json::Error),
    /// A version of Apollo's form that is not known.
    #[error(
        "the manifest has the form `{format}`, version {version}; known is apollo-persisted-query-manifest, version 1"
    )]
    Version {
        /// `format`
        format: String,
        /// `version`
        version: u64,
    },
    /// An id that no client can send.
    #[error("the id {0:?} is not the SHA-256 of a document: 64 hexadecimal digits in lower case")]
    Id(String),
    /// Two documents of one id.
    #[error("the id {0} stands twice")]
    Duplicate(String),
}

#[derive(Deserialize)]
struct Apollo {
    format: String,
    version: u64,
    operations: Vec<ApolloOperation>,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    name: Option<String>,
    body: String,
}

impl Manifest {
    /// The manifest of this JSON text.
    ///
    /// # Errors
    /// See [`ManifestError`].
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(ManifestError::Form)?;
        let entries: Vec<(String, Option<String>, String)> = if value.get("operations").is_some() {
            let Apollo { format, version, operations } =
                serde_json::from_value(value).map_err(ManifestError::Form)?;
            if format != "apollo-persisted-query-manifest" || version != 1 {
                return Err(ManifestError::Version { format, version });
            }
            operations.into_iter().map(|operation| (operation.id, operation.name, operation.body)).collect()
        } else {
            let all: BTreeMap<String, String> = serde_json::from_value(value).map_err(ManifestError::Form)?;
            all.into_iter().map(|(id, body)| (id, None, body)).collect()
        };
        let mut known = HashSet::new();
        let mut documents = Vec::with_capacity(entries.len());
        for (id, name, text) in entries {
            let bare = id.strip_prefix("sha256:").unwrap_or(&id).to_owned();
            if bare.len() != 64 || !bare.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
                return Err(ManifestError::Id(id));
            }
            if !known.insert(bare.clone()) {
                return Err(ManifestError::Duplicate(bare));
            }
            documents.push(TrustedDocument {
                name: name.unwrap_or_else(|| bare.clone()),
                id: bare.into(),
                text: text.into(),
            });
        }
        Ok(Self { documents })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_are_read() {
        let id = "a".repeat(64);
        let apollo = json!({"format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{"id": id, "name": "Me", "type": "query", "body": "query Me { a }"}]});
        let codegen = json!({format!("sha256:{id}"): "query Me { a }"});
        let [first, second] =
            [apollo, codegen].map(|form| Manifest::parse(&form.to_string()).unwrap().documents.remove(0));
        assert_eq!((&*first.id, &*first.text, first.name.as_str()), (&*id, "query Me { a }", "Me"));
        assert_eq!((&*second.id, &*second.text), (&*id, "query Me { a }"));
    }

    #[test]
    fn anything_else_says_what_is_wrong() {
        let id = "a".repeat(64);
        let twice = json!({"format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{"id": id, "body": "{a}"}, {"id": id, "body": "{b}"}]});
        let later = json!({"format": "apollo-persisted-query-manifest", "version": 2, "operations": []});
        for (text, part) in [
            (String::new(), "no manifest"),
            ("[]".to_owned(), "no manifest"),
            (json!({"x": "{a}"}).to_string(), "\"x\""),
            (twice.to_string(), "twice"),
            (later.to_string(), "version 2"),
        ] {
            let error = Manifest::parse(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
