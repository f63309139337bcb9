//! A public key, and what it may be used for. The algorithm comes from the key, never from the token.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use thiserror::Error;

/// Bytes of a point on P-256 and on P-384, uncompressed.
const P256_POINT: usize = 65;
const P384_POINT: usize = 97;

/// Why something is not a key by which tokens are verified.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A file with something else: a private key, a certificate, a secret.
    #[error("is no public key in PEM (BEGIN PUBLIC KEY)")]
    NotPem,
    /// A kind of key that is never taken; symmetric ones among them, since who checks with them can sign with them.
    #[error("is no key of Ed25519, P-256, P-384 or RSA")]
    Kind,
    /// A key for encryption, or for an algorithm that does not go with it.
    #[error("is not for signatures of an algorithm that goes with it")]
    Purpose,
}

/// A public key by which tokens are verified.
#[derive(Clone)]
pub struct PublicKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublicKey").field("id", &self.id).field("algorithms", &self.algorithms).finish()
    }
}

impl PublicKey {
    /// The key of a PEM file: Ed25519, P-256, P-384 or RSA.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        // The decoder would also take a public key out of a certificate or a private key.
        let label = pem.trim_start().lines().next().unwrap_or_default().trim_end();
        if label != "-----BEGIN PUBLIC KEY-----" && label != "-----BEGIN RSA PUBLIC KEY-----" {
            return Err(KeyError::NotPem);
        }
        let pem = pem.as_bytes();
        let decoded = DecodingKey::from_ed_pem(pem).or_else(|_| DecodingKey::from_ec_pem(pem));
        let key = decoded.or_else(|_| DecodingKey::from_rsa_pem(pem)).map_err(|_| KeyError::NotPem)?;
        let point = key.try_get_as_bytes().map(<[u8]>::len).unwrap_or_default();
        let algorithms = match key.family() {
            AlgorithmFamily::Ec if point == P256_POINT => vec![Algorithm::ES256],
            AlgorithmFamily::Ec if point == P384_POINT => vec![Algorithm::ES384],
            family @ (AlgorithmFamily::Ed | AlgorithmFamily::Rsa) => family.algorithms().to_vec(),
            AlgorithmFamily::Ec | AlgorithmFamily::Hmac => return Err(KeyError::Kind),
        };
        Ok(Self { id: None, algorithms, key })
    }

    /// The key of a JWK.
    pub(super) fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        let possible = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => AlgorithmFamily::Rsa.algorithms(),
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                &[Algorithm::ES256]
            }
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => {
                &[Algorithm::ES384]
            }
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                &[Algorithm::EdDSA]
            }
            _ => return Err(KeyError::Kind),
        };
        let common = &jwk.common;
        let signs = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
        let operations = common.key_operations.as_ref();
        if !signs || operations.is_some_and(|operations| !operations.contains(&KeyOperations::Verify)) {
            return Err(KeyError::Purpose);
        }
        let algorithms = match common.key_algorithm {
            None => possible.to_vec(),
            Some(named) => {
                let named = Algorithm::try_from(named).map_err(|_| KeyError::Purpose)?;
                if !possible.contains(&named) {
                    return Err(KeyError::Purpose);
                }
                vec![named]
            }
        };
        let key = DecodingKey::from_jwk(jwk).map_err(|_| KeyError::Kind)?;
        Ok(Self { id: common.key_id.clone(), algorithms, key })
    }

    /// `kid`.
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether a token of this algorithm may be verified with it.
    pub(super) fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// The key as the decoder wants it.
    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{Signer, jwk};
    use serde_json::{Value, json};

    fn read(value: Value) -> Result<PublicKey, KeyError> {
        PublicKey::from_jwk(&serde_json::from_value(value).unwrap())
    }

    fn with(mut value: Value, name: &str, member: Value) -> Value {
        value[name] = member;
        value
    }

    #[test]
    fn the_algorithm_follows_from_the_key() {
        let cases = [
            (Signer::ed25519(), vec![Algorithm::EdDSA]),
            (Signer::p256(), vec![Algorithm::ES256]),
            (Signer::p384(), vec![Algorithm::ES384]),
            (Signer::rsa(Algorithm::RS256), AlgorithmFamily::Rsa.algorithms().to_vec()),
        ];
        for (signer, algorithms) in cases {
            assert_eq!(read(jwk(&signer, None)).unwrap().algorithms, algorithms);
            assert_eq!(PublicKey::from_pem(&signer.public_pem()).unwrap().algorithms, algorithms);
        }
        let named = with(jwk(&Signer::rsa(Algorithm::RS256), None), "alg", json!("PS256"));
        assert_eq!(read(named).unwrap().algorithms, [Algorithm::PS256]);
    }

    #[test]
    fn a_key_may_have_members_that_we_do_not_know() {
        let mut key = jwk(&Signer::rsa(Algorithm::RS256), Some("a"));
        for (name, member) in [
            ("x5t", json!("b2s")),
            ("x5c", json!(["MIIC"])),
            ("cloud_instance_name", json!("example.com")),
            ("issuer", json!("https://issuer")),
        ] {
            key = with(key, name, member);
        }
        assert!(read(key).unwrap().allows(Algorithm::RS256));
    }

    #[test]
    fn keys_for_something_else_are_not_taken() {
        let (ed, p256) = (jwk(&Signer::ed25519(), None), jwk(&Signer::p256(), None));
        let cases = [
            (json!({"kty": "oct", "k": "c2VjcmV0"}), KeyError::Kind),
            (json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}), KeyError::Kind),
            (json!({"kty": "OKP", "crv": "X25519", "x": "AAAA"}), KeyError::Kind),
            (with(p256.clone(), "crv", json!("P-521")), KeyError::Kind),
            (with(ed.clone(), "use", json!("enc")), KeyError::Purpose),
            (with(ed.clone(), "key_ops", json!(["encrypt"])), KeyError::Purpose),
            (with(ed, "alg", json!("HS256")), KeyError::Purpose),
            (with(p256, "alg", json!("RS256")), KeyError::Purpose),
        ];
        for (value, error) in cases {
            assert_eq!(read(value.clone()).err(), Some(error), "{value}");
        }
    }

    #[test]
    fn a_file_with_anything_but_a_public_key_is_refused() {
        let private = Signer::ed25519().private_pem();
        for pem in ["", "secret", &private, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
            assert!(PublicKey::from_pem(pem).is_err(), "{pem}");
        }
        let certificate = Signer::ed25519().public_pem().replace("PUBLIC KEY", "CERTIFICATE");
        assert!(PublicKey::from_pem(&certificate).is_err());
    }
}
