//! The rules by which a token holds.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

/// Longest token, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 30;

/// Whose tokens are taken.
#[derive(Debug, Clone)]
pub struct IssuerConfig {
    /// `iss` of every token.
    pub issuer: String,
    /// `aud` of every token.
    pub audience: String,
    /// The issuer's Ed25519 public key, as PEM.
    pub public_key_pem: String,
    /// Longest life of a token.
    pub max_lifetime: Duration,
}

/// What a token that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// `sub`.
    pub subject: String,
    /// `exp`.
    pub expires_at: DateTime<Utc>,
}

/// Checks the tokens of one issuer. The algorithm comes from the key, never from the token.
pub struct Verifier {
    issuer: String,
    key: DecodingKey,
    validation: Validation,
    max_lifetime: Duration,
}

#[derive(Deserialize)]
struct Header {
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    /// A single text: a list of issuers would let one of them speak for another.
    iss: String,
    sub: String,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
}

impl Verifier {
    /// A verifier for this issuer.
    ///
    /// # Errors
    /// When the key is not an Ed25519 public key in PEM.
    pub fn new(config: &IssuerConfig) -> Result<Self, jsonwebtoken::errors::Error> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&config.issuer]);
        validation.set_audience(&[&config.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The times are judged below, by our own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            issuer: config.issuer.clone(),
            key: DecodingKey::from_ed_pem(config.public_key_pem.as_bytes())?,
            validation,
            max_lifetime: config.max_lifetime,
        })
    }

    /// What the token says, if it holds at this moment.
    ///
    /// # Errors
    /// Why it does not, for the log; callers must not learn it.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, &'static str> {
        if token.len() > MAX_BYTES {
            return Err("token too long");
        }
        check_header(token)?;
        let claims = decode::<Claims>(token, &self.key, &self.validation)
            .map_err(|_| "signature, issuer or audience do not hold")?
            .claims;
        let subject = &claims.sub;
        let speakable = !subject.is_empty() && subject.len() <= 255 && !subject.contains(char::is_control);
        if claims.iss != self.issuer || !speakable {
            return Err("issuer or subject do not hold");
        }
        let now = now.timestamp();
        if claims.exp <= now - LEEWAY {
            return Err("expired");
        }
        if claims.nbf.is_some_and(|nbf| nbf > now + LEEWAY) {
            return Err("not yet valid");
        }
        let iat = claims.iat.ok_or("no time of issue")?;
        if iat > now + LEEWAY {
            return Err("issued in the future");
        }
        let lifetime = claims.exp.checked_sub(iat).ok_or("times out of range")?;
        if lifetime > self.max_lifetime.num_seconds() {
            return Err("lives too long");
        }
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or("times out of range")?;
        Ok(Verified { subject: claims.sub, expires_at })
    }
}

/// RFC 9068: an access token says that it is one, so that no ID token passes for it.
fn check_header(token: &str) -> Result<(), &'static str> {
    let encoded = token.split('.').next().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| "no token")?;
    let header: Header = serde_json::from_slice(&bytes).map_err(|_| "no token")?;
    if header.crit.is_some() {
        return Err("critical header");
    }
    let typ = header.typ.unwrap_or_default().to_ascii_lowercase();
    if typ == "at+jwt" || typ == "application/at+jwt" { Ok(()) } else { Err("not an access token") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    use jsonwebtoken::{EncodingKey, Header as JwtHeader, encode};
    use serde_json::{Value, json};

    struct Issuer {
        key: EncodingKey,
        pem: String,
    }

    fn issuer() -> Issuer {
        let pkcs8 = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
        let public = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap().public_key().as_ref().to_vec();
        // SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
        let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        der.extend(public);
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
        Issuer { key: EncodingKey::from_ed_der(pkcs8.as_ref()), pem }
    }

    const NOW: i64 = 1_800_000_000;

    fn claims() -> Value {
        json!({"iss": "https://issuer", "aud": "waymark", "sub": "ada", "iat": NOW - 10, "exp": NOW + 600})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn without(name: &str) -> Value {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        claims
    }

    fn sign(issuer: &Issuer, claims: &Value) -> String {
        let mut header = JwtHeader::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        encode(&header, claims, &issuer.key).unwrap()
    }

    fn verifier(issuer: &Issuer) -> Verifier {
        Verifier::new(&IssuerConfig {
            issuer: "https://issuer".to_owned(),
            audience: "waymark".to_owned(),
            public_key_pem: issuer.pem.clone(),
            max_lifetime: Duration::hours(1),
        })
        .unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(NOW, 0).unwrap()
    }

    #[test]
    fn a_token_that_holds_names_its_subject() {
        let issuer = issuer();
        for claims in [
            claims(),
            with("exp", json!(NOW - 29)),
            with("nbf", json!(NOW + 29)),
            with("aud", json!(["x", "waymark"])),
        ] {
            let verified = verifier(&issuer).verify(&sign(&issuer, &claims), now());
            assert_eq!(verified.map(|v| v.subject), Ok("ada".to_owned()), "{claims}");
        }
    }

    #[test]
    fn tokens_whose_claims_do_not_hold_are_refused() {
        let issuer = issuer();
        let cases = [
            without("iss"),
            without("aud"),
            without("sub"),
            without("exp"),
            without("iat"),
            with("iss", json!("https://other")),
            with("iss", json!(["https://issuer"])),
            with("aud", json!("other")),
            with("sub", json!("")),
            with("sub", json!("a\u{0}b")),
            with("sub", json!("x".repeat(256))),
            with("exp", json!(NOW - 31)),
            with("nbf", json!(NOW + 3600)),
            with("iat", json!(NOW + 31)),
            with("exp", json!(NOW + 3600)),
            with("exp", json!(i64::MAX)),
            with("iat", json!(i64::MIN)),
        ];
        for claims in cases {
            assert!(verifier(&issuer).verify(&sign(&issuer, &claims), now()).is_err(), "{claims}");
        }
    }

    #[test]
    fn tokens_that_were_not_signed_by_the_issuer_are_refused() {
        let (issuer, stranger) = (issuer(), issuer_of_another());
        let good = sign(&issuer, &claims());
        let parts: Vec<&str> = good.split('.').collect();
        let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let none = encoded(json!({"alg": "none", "typ": "at+jwt"}));
        let hmac = encode(
            &JwtHeader { typ: Some("at+jwt".to_owned()), ..JwtHeader::new(Algorithm::HS256) },
            &claims(),
            &EncodingKey::from_secret(issuer.pem.as_bytes()),
        );
        let cases = [
            sign(&stranger, &claims()),
            format!("{none}.{}.", parts[1]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}.{}", parts[0], encoded(with("sub", json!("eve"))), parts[2]),
            encode(&JwtHeader::new(Algorithm::EdDSA), &claims(), &issuer.key).unwrap(),
            hmac.unwrap(),
            format!("{good}x"),
            "a.b.c".to_owned(),
            String::new(),
            "x".repeat(100_000),
        ];
        for token in cases {
            assert!(verifier(&issuer).verify(&token, now()).is_err(), "{}", &token[..token.len().min(80)]);
        }
    }

    fn issuer_of_another() -> Issuer {
        issuer()
    }
}
