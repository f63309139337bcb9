//! The keys of an issuer at one time.

use super::key::PublicKey;
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;

/// Most keys of a set. Providers have two or three at a time.
const MAX_KEYS: usize = 64;

/// Keys by which tokens of one issuer are verified.
#[derive(Debug)]
pub struct KeySet(Vec<PublicKey>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// The set with this key alone.
    pub fn one(key: PublicKey) -> Self {
        Self(vec![key])
    }

    /// The keys of a JWK set that are for our purpose. Others may stand beside them (RFC 7517, section 5): keys for
    /// encryption, of kinds that we do not know, and symmetric ones, by which nothing is ever verified.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(bytes).ok()?;
        let jwks = document.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let keys: Vec<_> = jwks.filter_map(|jwk| PublicKey::from_jwk(&jwk).ok()).take(MAX_KEYS).collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// Whether it has a key with this id.
    pub fn knows(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id() == Some(id))
    }

    /// The keys by which a token with this `kid` and `alg` may be verified: several, where an issuer gave them one id.
    /// A token without `kid` is only taken where there is no choice.
    pub fn candidates(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&PublicKey> {
        let fitting = self.0.iter().filter(|key| key.allows(algorithm));
        match id {
            Some(id) => fitting.filter(|key| key.id() == Some(id)).collect(),
            None => {
                let fitting: Vec<_> = fitting.collect();
                if fitting.len() == 1 { fitting } else { Vec::new() }
            }
        }
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{Signer, jwk};
    use serde_json::{Value, json};

    fn set(keys: &[Value]) -> Option<KeySet> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn foreign_keys_in_a_set_do_not_disturb_the_others() {
        let odd = [json!({"kty": "oct", "k": "AA", "kid": "a"}), json!({"kty": "AKP", "kid": "b"}), json!(7)];
        let mut keys = odd.to_vec();
        keys.push(jwk(&Signer::ed25519(), Some("c")));
        let found = set(&keys).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found.knows("c") && !found.knows("a"));
        assert!(set(&odd).is_none(), "a set without any key that we take is no set");
    }

    #[test]
    fn candidates_go_by_id_and_algorithm() {
        let ed = jwk(&Signer::ed25519(), Some("a"));
        let keys = [ed, jwk(&Signer::p256(), Some("a")), jwk(&Signer::ed25519(), Some("b"))];
        let found = set(&keys).unwrap();
        let count = |id, algorithm| found.candidates(id, algorithm).len();
        assert_eq!(count(Some("a"), Algorithm::EdDSA), 1);
        assert_eq!(count(Some("a"), Algorithm::ES256), 1);
        assert_eq!(count(Some("a"), Algorithm::RS256), 0);
        assert_eq!(count(Some("c"), Algorithm::EdDSA), 0);
        assert_eq!(count(None, Algorithm::ES256), 1, "there is no choice");
        assert_eq!(count(None, Algorithm::EdDSA), 0, "two would fit");
        let twice = [jwk(&Signer::ed25519(), Some("a")), jwk(&Signer::ed25519(), Some("a"))];
        assert_eq!(set(&twice).unwrap().candidates(Some("a"), Algorithm::EdDSA).len(), 2);
    }
}
