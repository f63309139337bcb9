//! Which tokens hold: hostile ones first.

use super::testing::{Hand, NOW, Provider, Signer, jwk};
use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::time::Instant;
use waymark_domain::kernel::Tenant;

fn config(issuer: &str, keys: KeySource) -> IssuerConfig {
    IssuerConfig {
        issuer: issuer.to_owned(),
        audience: "waymark".to_owned(),
        tenant: Tenant::named("north"),
        keys,
        token_type: "at+jwt".to_owned(),
        max_lifetime: chrono::Duration::hours(1),
    }
}

fn fixed(signer: &Signer) -> KeySource {
    KeySource::Fixed(PublicKey::from_pem(&signer.public_pem()).unwrap())
}

fn issuers(configs: Vec<IssuerConfig>) -> Issuers {
    Issuers::new(configs, Arc::new(Hand::default())).unwrap()
}

/// The issuer of most tests: `https://issuer`, with the key of this signer.
fn of(signer: &Signer) -> Issuers {
    issuers(vec![config("https://issuer", fixed(signer))])
}

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

/// A header of a token, beside its algorithm.
fn header(algorithm: Algorithm, typ: Option<&str>) -> Header {
    Header { typ: typ.map(str::to_owned), ..Header::new(algorithm) }
}

async fn holds(issuers: &Issuers, token: &str) -> bool {
    issuers.verify(token).await.is_ok()
}

#[tokio::test]
async fn a_token_that_holds_names_its_subject_and_the_tenant_of_its_issuer() {
    let signer = Signer::ed25519();
    for claims in [
        claims(),
        with("exp", json!(NOW - 29)),
        with("nbf", json!(NOW + 29)),
        with("aud", json!(["x", "waymark"])),
        with("tenant", json!("south")),
    ] {
        let verified = of(&signer).verify(&signer.sign(None, &claims)).await.unwrap();
        assert_eq!((verified.subject.as_str(), verified.tenant.key.as_str()), ("ada", "north"), "{claims}");
    }
}

#[tokio::test]
async fn tokens_of_every_asymmetric_algorithm_hold() {
    let mut signers = vec![Signer::ed25519(), Signer::p256(), Signer::p384()];
    use Algorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
    signers.extend([RS256, RS384, RS512, PS256, PS384, PS512].map(Signer::rsa));
    for signer in signers {
        // The one key of a file has no id, whatever the issuer calls it.
        for kid in [None, Some("any")] {
            assert!(holds(&of(&signer), &signer.sign(kid, &claims())).await, "{:?}", signer.algorithm);
        }
    }
}

#[tokio::test]
async fn tokens_whose_claims_do_not_hold_are_refused() {
    let signer = Signer::ed25519();
    let cases = [
        without("iss"),
        without("aud"),
        without("sub"),
        without("exp"),
        without("iat"),
        with("iss", json!("https://other")),
        with("iss", json!("https://issuer/")),
        with("iss", json!(["https://issuer"])),
        with("aud", json!("other")),
        with("aud", json!([])),
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
        assert!(!holds(&of(&signer), &signer.sign(None, &claims)).await, "{claims}");
    }
}

#[tokio::test]
async fn tokens_that_the_issuer_did_not_sign_are_refused() {
    let (signer, stranger) = (Signer::rsa(Algorithm::RS256), Signer::rsa(Algorithm::RS256));
    let good = signer.sign(None, &claims());
    let parts: Vec<&str> = good.split('.').collect();
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = encoded(json!({"alg": "none", "typ": "at+jwt"}));
    let secret = EncodingKey::from_secret(signer.public_pem().as_bytes());
    let mut own_key = header(Algorithm::RS256, Some("at+jwt"));
    own_key.jwk = Some(serde_json::from_value(jwk(&stranger, None)).unwrap());
    own_key.jku = Some("https://stranger/keys".to_owned());
    let cases = [
        stranger.sign(None, &claims()),
        stranger.sign_as(&own_key, &claims()),
        format!("{none}.{}.", parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], encoded(with("sub", json!("eve"))), parts[2]),
        encode(&header(Algorithm::HS256, Some("at+jwt")), &claims(), &secret).unwrap(),
        format!("{good}x"),
    ];
    for token in cases {
        assert!(!holds(&of(&signer), &token).await, "{token}");
    }
    assert!(holds(&of(&signer), &good).await);
}

#[tokio::test]
async fn a_token_says_that_it_is_an_access_token() {
    let signer = Signer::ed25519();
    let sign = |typ| signer.sign_as(&header(Algorithm::EdDSA, typ), &claims());
    for (typ, taken) in [
        (Some("at+jwt"), true),
        (Some("AT+JWT"), true),
        (Some("application/at+jwt"), true),
        (Some("JWT"), false),
        (Some(""), false),
        (None, false),
    ] {
        assert_eq!(holds(&of(&signer), &sign(typ)).await, taken, "{typ:?}");
    }
    let lenient = IssuerConfig { token_type: "JWT".to_owned(), ..config("https://issuer", fixed(&signer)) };
    let lenient = issuers(vec![lenient]);
    assert!(holds(&lenient, &sign(Some("JWT"))).await, "where the issuer documents another type");
    assert!(!holds(&lenient, &sign(Some("at+jwt"))).await);
}

#[tokio::test]
async fn an_issuer_speaks_for_its_own_tenant_alone() {
    let (north, south) = (Signer::ed25519(), Signer::ed25519());
    let southern = IssuerConfig { tenant: Tenant::named("south"), ..config("https://south", fixed(&south)) };
    let issuers = issuers(vec![config("https://issuer", fixed(&north)), southern]);
    let of_south = with("iss", json!("https://south"));
    let verified = issuers.verify(&south.sign(None, &of_south)).await.unwrap();
    assert_eq!(verified.tenant.key, "south");
    assert!(!holds(&issuers, &north.sign(None, &of_south)).await, "signed by another issuer");
    assert!(!holds(&issuers, &south.sign(None, &claims())).await, "signed by another issuer");
}

#[test]
fn two_issuers_of_one_name_and_keys_without_tls_are_refused() {
    let make = |configs| Issuers::new(configs, Arc::new(Hand::default()));
    let key = Signer::ed25519();
    let twice = vec![config("https://issuer", fixed(&key)), config("https://issuer", fixed(&key))];
    assert!(matches!(make(twice), Err(IssuerError::Twice(_))));
    for (issuer, keys) in [
        ("http://example.com", KeySource::Discovery),
        ("urn:example", KeySource::Discovery),
        ("https://issuer", KeySource::Url("http://example.com/keys".to_owned())),
    ] {
        assert!(matches!(make(vec![config(issuer, keys)]), Err(IssuerError::NotSafe(_))), "{issuer}");
    }
}

#[tokio::test]
async fn keys_are_fetched_when_the_first_token_comes() {
    let (provider, signer) = (Provider::start().await, Signer::p256());
    let issuers = issuers(vec![config(&provider.url, KeySource::Discovery)]);
    let token = signer.sign(Some("a"), &with("iss", json!(&provider.url)));
    assert!(!issuers.ready());
    assert!(matches!(issuers.verify(&token).await, Err(AuthError::NoKeys)), "the provider has none yet");

    let issuers = self::issuers(vec![config(&provider.url, KeySource::Discovery)]);
    provider.serve(&[jwk(&signer, Some("a")), jwk(&Signer::p256(), Some("b"))]);
    assert!(holds(&issuers, &token).await);
    assert!(issuers.ready());
    for refused in [
        signer.sign(Some("b"), &with("iss", json!(&provider.url))),
        signer.sign(Some("c"), &with("iss", json!(&provider.url))),
        signer.sign(None, &with("iss", json!(&provider.url))),
    ] {
        let outcome = issuers.verify(&refused).await;
        assert!(matches!(outcome, Err(AuthError::Unauthenticated(_))), "{refused}");
    }
    assert_eq!(provider.asked("/keys"), 2, "one of each");
}

#[tokio::test]
async fn two_keys_of_one_id_are_both_tried() {
    let (provider, old, new) = (Provider::start().await, Signer::p256(), Signer::p256());
    provider.serve(&[jwk(&old, Some("a")), jwk(&new, Some("a"))]);
    let issuers = issuers(vec![config(&provider.url, KeySource::Discovery)]);
    let claims = with("iss", json!(&provider.url));
    assert!(holds(&issuers, &old.sign(Some("a"), &claims)).await);
    assert!(holds(&issuers, &new.sign(Some("a"), &claims)).await);
    assert!(!holds(&issuers, &Signer::p256().sign(Some("a"), &claims)).await);
}

#[tokio::test]
async fn a_huge_token_is_decided_at_once() {
    let signer = Signer::ed25519();
    let (issuers, good) = (of(&signer), signer.sign(None, &claims()));
    let huge = [
        "x".repeat(100_000),
        format!("{good}{}", "x".repeat(100_000)),
        ".".repeat(100_000),
        signer.sign(None, &with("more", json!("x".repeat(100_000)))),
    ];
    for token in huge {
        let began = Instant::now();
        assert!(!holds(&issuers, &token).await);
        assert!(began.elapsed().as_millis() < 5, "{:?}", began.elapsed());
    }
}
