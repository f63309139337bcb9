//! What tests need of an issuer: keys of every kind, tokens, a provider on loopback, a clock that is set by hand.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair,
};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use waymark_domain::ports::Clock;

/// The time at which every test begins.
pub const NOW: i64 = 1_800_000_000;

/// A clock that is set by hand.
pub struct Hand(Mutex<DateTime<Utc>>);

impl Default for Hand {
    fn default() -> Self {
        Self(Mutex::new(DateTime::from_timestamp(NOW, 0).unwrap()))
    }
}

impl Hand {
    pub fn forward(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }
}

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// A private key that signs tokens.
pub struct Signer {
    pub algorithm: Algorithm,
    key: EncodingKey,
    private: Vec<u8>,
    public: Vec<u8>,
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

impl Signer {
    pub fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let private = pair.to_pkcs8v1().unwrap().as_ref().to_vec();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = EncodingKey::from_ed_der(&private);
        Self { algorithm: Algorithm::EdDSA, key, private, public: public.as_ref().to_vec() }
    }

    pub fn p256() -> Self {
        Self::ec(Algorithm::ES256, &ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    pub fn p384() -> Self {
        Self::ec(Algorithm::ES384, &ECDSA_P384_SHA384_FIXED_SIGNING)
    }

    fn ec(algorithm: Algorithm, kind: &'static EcdsaSigningAlgorithm) -> Self {
        let private = EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new()).unwrap().as_ref().to_vec();
        let pair = EcdsaKeyPair::from_pkcs8(kind, &private).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = EncodingKey::from_ec_der(&private);
        Self { algorithm, key, public: public.as_ref().to_vec(), private }
    }

    pub fn rsa(algorithm: Algorithm) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = EncodingKey::from_rsa_pem(pem("PRIVATE KEY", private.as_ref()).as_bytes()).unwrap();
        Self { algorithm, key, private: private.as_ref().to_vec(), public: public.as_ref().to_vec() }
    }

    pub fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &self.public)
    }

    pub fn private_pem(&self) -> String {
        pem("PRIVATE KEY", &self.private)
    }

    /// An access token with these claims.
    pub fn sign(&self, kid: Option<&str>, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.typ = Some("at+jwt".to_owned());
        header.kid = kid.map(str::to_owned);
        self.sign_as(&header, claims)
    }

    pub fn sign_as(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &self.key).unwrap()
    }
}

/// The public key as a JWK that does not say for which algorithm it is.
pub fn jwk(signer: &Signer, kid: Option<&str>) -> Value {
    let jwk = Jwk::from_encoding_key(&signer.key, signer.algorithm).unwrap();
    let mut value = serde_json::to_value(jwk).unwrap();
    value.as_object_mut().unwrap().remove("alg");
    value["use"] = json!("sig");
    if let Some(kid) = kid {
        value["kid"] = json!(kid);
    }
    value
}

#[derive(Default)]
struct Played {
    answers: HashMap<String, (u16, String)>,
    asked: HashMap<String, usize>,
    cache: Option<String>,
    delay: u64,
}

/// A provider on loopback.
pub struct Provider {
    pub url: String,
    played: Arc<Mutex<Played>>,
}

impl Provider {
    pub async fn start() -> Self {
        let played =
            Arc::new(Mutex::new(Played { cache: Some("max-age=600".to_owned()), ..Played::default() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(play).with_state(played.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let provider = Self { url, played };
        let document = json!({"issuer": &provider.url, "jwks_uri": format!("{}/keys", provider.url)});
        provider.answer("/.well-known/openid-configuration", 200, &document.to_string());
        provider
    }

    fn with(&self, change: impl FnOnce(&mut Played)) {
        change(&mut self.played.lock().unwrap());
    }

    pub fn answer(&self, path: &str, status: u16, body: &str) {
        self.with(|played| drop(played.answers.insert(path.to_owned(), (status, body.to_owned()))));
    }

    pub fn serve(&self, keys: &[Value]) {
        self.answer("/keys", 200, &json!({ "keys": keys }).to_string());
    }

    pub fn delay(&self, milliseconds: u64) {
        self.with(|played| played.delay = milliseconds);
    }

    pub fn cache(&self, value: &str) {
        self.with(|played| played.cache = Some(value.to_owned()));
    }

    pub fn asked(&self, path: &str) -> usize {
        self.played.lock().unwrap().asked.get(path).copied().unwrap_or_default()
    }
}

async fn play(State(played): State<Arc<Mutex<Played>>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let (answer, cache, delay) = {
        let mut played = played.lock().unwrap();
        *played.asked.entry(path.clone()).or_default() += 1;
        (played.answers.get(&path).cloned(), played.cache.clone(), played.delay)
    };
    tokio::time::sleep(Duration::from_millis(delay)).await;
    let (status, body) = answer.unwrap_or((404, String::new()));
    let headers =
        [(header::CACHE_CONTROL, cache.unwrap_or_default()), (header::LOCATION, "/keys".to_owned())];
    (StatusCode::from_u16(status).unwrap(), headers, body).into_response()
}
