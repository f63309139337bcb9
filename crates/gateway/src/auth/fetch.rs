//! Fetches an issuer's keys: HTTPS, bounded in size and time, without following where else an answer points.

use super::key_set::KeySet;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use url::{Host, Url};
use waymark_domain::ports::BoxError;

/// Largest answer, in bytes. A set of keys with its certificates has some ten thousand.
const MAX_ANSWER: usize = 256 * 1024;

/// How long it may take to get the keys, discovery included.
const TIME: Duration = Duration::from_secs(5);

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum FetchError {
    /// No answer in time.
    #[error("no answer within {} s", TIME.as_secs())]
    TimedOut,
    /// No connection, no TLS that can be trusted, or an answer that broke off.
    #[error("no answer from {0}")]
    Unreachable(Url, #[source] BoxError),
    /// An answer other than 200; redirections are not followed.
    #[error("{0} answered with status {1}")]
    Status(Url, u16),
    /// An answer that is too large, or broke off.
    #[error("the answer of {0} has more than {MAX_ANSWER} bytes, or broke off")]
    Broken(Url),
    /// A discovery document that is none, or speaks for another issuer.
    #[error("{0} is no discovery document of this issuer")]
    NotDiscovery(Url),
    /// Keys that would be fetched without TLS.
    #[error("the discovery document names keys that are not behind https")]
    NotSafe,
    /// Something that is no set of keys, or has none that we take.
    #[error("{0} has no public key for signatures")]
    NoKeys(Url),
}

/// Where the keys of an issuer are.
#[derive(Debug)]
pub(super) enum Place {
    /// At the place which the issuer's discovery document names.
    Discovery { issuer: String, document: Url },
    /// Here.
    Keys(Url),
}

impl Place {
    /// The place that this issuer tells itself (OpenID Connect Discovery 1.0, section 4).
    pub fn discovery(issuer: &str) -> Option<Self> {
        Url::parse(issuer).ok().filter(|url| is_safe(url, true))?;
        let document = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        Some(Self::Discovery { issuer: issuer.to_owned(), document: Url::parse(&document).ok()? })
    }

    /// A place that the configuration names.
    pub fn keys(url: &str) -> Option<Self> {
        Url::parse(url).ok().filter(|url| is_safe(url, true)).map(Self::Keys)
    }
}

/// Whether keys from there can be believed: behind TLS, or from the same machine where that is allowed.
fn is_safe(url: &Url, plain_loopback: bool) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => plain_loopback && loopback,
        _ => false,
    }
}

/// Keys, and for how long their issuer says that they may be kept.
#[derive(Debug)]
pub(super) struct Fetched {
    /// The keys.
    pub keys: KeySet,
    /// `max-age` of the answer.
    pub max_age: Option<Duration>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// An HTTP client for keys. Cheap to clone.
#[derive(Clone)]
pub(super) struct Fetcher(Client<HttpsConnector<HttpConnector>, Body>);

impl Fetcher {
    /// A client that trusts the authorities of the system (or of `SSL_CERT_FILE`).
    ///
    /// # Errors
    /// When the system has none.
    pub fn new() -> std::io::Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)?
            .https_or_http()
            .enable_http1()
            .build();
        let mut client = Client::builder(TokioExecutor::new());
        // Keys are fetched too seldom for a connection to be kept.
        Ok(Self(client.pool_max_idle_per_host(0).build(connector)))
    }

    /// The keys of this place.
    pub async fn fetch(&self, place: &Place) -> Result<Fetched, FetchError> {
        tokio::time::timeout(TIME, self.find(place)).await.map_err(|_| FetchError::TimedOut)?
    }

    async fn find(&self, place: &Place) -> Result<Fetched, FetchError> {
        match place {
            Place::Keys(url) => self.keys(url).await,
            Place::Discovery { issuer, document } => {
                let (bytes, _) = self.get(document).await?;
                let found = serde_json::from_slice::<Discovery>(&bytes).ok();
                let found = found.filter(|found| found.issuer == *issuer);
                let found = found.ok_or_else(|| FetchError::NotDiscovery(document.clone()))?;
                let keys = Url::parse(&found.jwks_uri).ok();
                let safe = keys.filter(|url| is_safe(url, document.scheme() == "http"));
                self.keys(&safe.ok_or(FetchError::NotSafe)?).await
            }
        }
    }

    async fn keys(&self, url: &Url) -> Result<Fetched, FetchError> {
        let (bytes, max_age) = self.get(url).await?;
        let keys = KeySet::parse(&bytes).ok_or_else(|| FetchError::NoKeys(url.clone()))?;
        Ok(Fetched { keys, max_age })
    }

    async fn get(&self, url: &Url) -> Result<(Bytes, Option<Duration>), FetchError> {
        let request = Request::get(url.as_str())
            .header(header::ACCEPT, "application/json, application/jwk-set+json")
            .header(header::USER_AGENT, "waymark")
            .body(Body::empty())
            .map_err(|error| FetchError::Unreachable(url.clone(), error.into()))?;
        let answer = self.0.request(request).await;
        let answer = answer.map_err(|error| FetchError::Unreachable(url.clone(), error.into()))?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status(url.clone(), answer.status().as_u16()));
        }
        let max_age = max_age(answer.headers());
        let bytes = to_bytes(Body::new(answer.into_body()), MAX_ANSWER).await;
        Ok((bytes.map_err(|_| FetchError::Broken(url.clone()))?, max_age))
    }
}

/// `max-age` of `Cache-Control` (RFC 9111, section 5.2.2.1).
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives =
        values.flat_map(|value| value.split(',')).filter_map(|one| one.trim().split_once('='));
    let (_, seconds) = directives.find(|(name, _)| name.eq_ignore_ascii_case("max-age"))?;
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{Provider, Signer, jwk};
    use serde_json::json;

    #[test]
    fn keys_come_over_tls_or_from_the_same_machine() {
        for issuer in
            ["https://a", "https://a/realms/b/", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost"]
        {
            assert!(Place::discovery(issuer).is_some(), "{issuer}");
        }
        for issuer in ["http://a", "http://127.0.0.1.example.com", "ftp://a", "urn:a:b", "a", "", "https://"]
        {
            assert!(Place::discovery(issuer).is_none(), "{issuer}");
        }
        assert!(!is_safe(&Url::parse("http://127.0.0.1").unwrap(), false));
    }

    #[test]
    fn the_discovery_document_is_below_the_issuer() {
        for issuer in ["https://a/b", "https://a/b/"] {
            let Some(Place::Discovery { document, .. }) = Place::discovery(issuer) else {
                panic!("{issuer}")
            };
            assert_eq!(document.as_str(), "https://a/b/.well-known/openid-configuration");
        }
    }

    #[test]
    fn max_age_is_read_among_other_directives() {
        let cases = [
            ("public, max-age=300, must-revalidate", Some(300)),
            ("Max-Age=\"7\"", Some(7)),
            ("no-cache", None),
            ("s-maxage=9", None),
            ("max-age=x", None),
        ];
        for (value, seconds) in cases {
            let headers = HeaderMap::from_iter([(header::CACHE_CONTROL, value.parse().unwrap())]);
            assert_eq!(max_age(&headers), seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[tokio::test]
    async fn a_provider_is_asked_where_its_keys_are() {
        let provider = Provider::start().await;
        provider.serve(&[jwk(&Signer::ed25519(), Some("a"))]);
        let place = Place::discovery(&provider.url).unwrap();
        let fetched = Fetcher::new().unwrap().fetch(&place).await.unwrap();
        assert!(fetched.keys.knows("a"));
        assert_eq!(fetched.max_age, Some(Duration::from_secs(600)));
    }

    #[tokio::test]
    async fn what_is_no_set_of_keys_of_the_issuer_is_refused() {
        let provider = Provider::start().await;
        let keys = format!("{}/keys", provider.url);
        let document = json!({"issuer": "https://another", "jwks_uri": &keys}).to_string();
        let unsafe_keys = json!({"issuer": &provider.url, "jwks_uri": "http://example.com/keys"}).to_string();
        let large = format!("{{\"keys\":[],\"more\":\"{}\"}}", "x".repeat(MAX_ANSWER));
        let by_discovery = || Place::discovery(&provider.url).unwrap();
        let by_url = || Place::keys(&keys).unwrap();
        let cases = [
            ("/.well-known/openid-configuration", 200, document, by_discovery()),
            ("/.well-known/openid-configuration", 200, unsafe_keys, by_discovery()),
            ("/.well-known/openid-configuration", 200, "<html>".to_owned(), by_discovery()),
            ("/keys", 302, String::new(), by_url()),
            ("/keys", 500, String::new(), by_url()),
            ("/keys", 200, "{\"keys\":[]}".to_owned(), by_url()),
            ("/keys", 200, large, by_url()),
        ];
        let fetcher = Fetcher::new().unwrap();
        for (path, status, body, place) in cases {
            provider.serve(&[jwk(&Signer::ed25519(), Some("a"))]);
            provider.answer(path, status, &body);
            assert!(fetcher.fetch(&place).await.is_err(), "{path} {status} {}", &body[..body.len().min(80)]);
        }
    }
}
