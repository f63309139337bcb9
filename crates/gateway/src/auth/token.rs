//! What a token says of itself before anything of it is believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

/// Longest token, in bytes.
const MAX_BYTES: usize = 8 * 1024;

/// The parts of a token by which issuer and key are found. Its other headers (`jku`, `jwk`, `x5u`, `x5c`) are not
/// looked at: a token does not say by which key it is to be believed.
#[derive(Debug)]
pub struct Presented {
    /// `iss`, as yet unproved.
    pub issuer: String,
    /// `kid`.
    pub key_id: Option<String>,
    /// `alg`, which the key must allow.
    pub algorithm: Algorithm,
    /// `typ`.
    pub token_type: String,
}

#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
}

#[derive(Deserialize)]
struct Payload {
    /// A single text: a list of issuers would let one of them speak for another.
    iss: String,
}

impl Presented {
    /// Reads a compact JWS.
    ///
    /// # Errors
    /// Why it cannot be one that we take.
    pub fn read(token: &str) -> Result<Self, &'static str> {
        if token.len() > MAX_BYTES {
            return Err("token too long");
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("no token");
        };
        let header: Header = part(header).ok_or("no header, or an algorithm that is never taken")?;
        // A critical extension changes what the token means, and we know none.
        if header.crit {
            return Err("critical header");
        }
        let payload: Payload = part(payload).ok_or("no single issuer")?;
        Ok(Self {
            issuer: payload.iss,
            key_id: header.kid,
            algorithm: header.alg,
            token_type: header.typ.unwrap_or_default(),
        })
    }
}

fn part<T: DeserializeOwned>(encoded: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

/// True for a member that is there, `null` included.
fn is_there<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(value).map(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn token(header: &Value, payload: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", encode(header), encode(payload))
    }

    #[test]
    fn header_and_issuer_are_read() {
        let header = json!({"alg": "ES256", "kid": "k", "typ": "at+jwt", "jku": "https://x", "x5u": 7});
        let read = Presented::read(&token(&header, &json!({"iss": "https://issuer", "sub": "ada"}))).unwrap();
        assert_eq!(read.issuer, "https://issuer");
        assert_eq!(read.key_id.as_deref(), Some("k"));
        assert_eq!(read.algorithm, Algorithm::ES256);
        assert_eq!(read.token_type, "at+jwt");
    }

    #[test]
    fn what_is_no_token_of_ours_is_refused() {
        let (header, payload) = (json!({"alg": "EdDSA"}), json!({"iss": "i"}));
        let cases = [
            token(&json!({"alg": "none"}), &payload),
            token(&json!({"alg": "NONE"}), &payload),
            token(&json!({"typ": "at+jwt"}), &payload),
            token(&json!({"alg": "EdDSA", "crit": ["b64"], "b64": false}), &payload),
            token(&json!({"alg": "EdDSA", "crit": null}), &payload),
            token(&json!({"alg": "EdDSA", "kid": 1}), &payload),
            token(&header, &json!({"iss": ["i"]})),
            token(&header, &json!({})),
            format!("{}.x", token(&header, &payload)),
            "a.b".to_owned(),
            "a.b.c".to_owned(),
            String::new(),
            "x".repeat(MAX_BYTES + 1),
        ];
        for token in cases {
            assert!(Presented::read(&token).is_err(), "{}", &token[..token.len().min(80)]);
        }
    }
}
