//! The issuers whose tokens are taken, each with its tenant and its keys.

use super::AuthError;
use super::claims::{Claims, Verified};
use super::fetch::{Fetcher, Place};
use super::jwks::Jwks;
use super::key::PublicKey;
use super::key_set::KeySet;
use super::token::Presented;
use chrono::Duration;
use futures_util::future::join_all;
use jsonwebtoken::{Validation, decode};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use thiserror::Error;
use waymark_domain::kernel::Tenant;
use waymark_domain::ports::Clock;

/// Where the keys of an issuer come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// From the place that the issuer's discovery document names.
    Discovery,
    /// From this URL of a JWK set: https, or http to the same machine.
    Url(String),
    /// This one key.
    Fixed(PublicKey),
}

/// An issuer whose tokens are taken.
#[derive(Debug, Clone)]
pub struct IssuerConfig {
    /// `iss` of its tokens.
    pub issuer: String,
    /// `aud` of its tokens.
    pub audience: String,
    /// Whose people its subjects are.
    pub tenant: Tenant,
    /// Where its keys come from.
    pub keys: KeySource,
    /// `typ` of its tokens, in any case of letters.
    pub token_type: String,
    /// Longest life of a token.
    pub max_lifetime: Duration,
}

/// Why issuers cannot be used.
#[derive(Debug, Error)]
pub enum IssuerError {
    /// Two with the same `iss`: whose token would it be?
    #[error("there are two issuers {0}")]
    Twice(String),
    /// Keys at a place from which none are fetched.
    #[error("the keys of the issuer {0} are neither behind https nor on this machine")]
    NotSafe(String),
    /// The system trusts no certificate authority.
    #[error("there are no certificate authorities by which an issuer could be known")]
    NoAuthorities(#[source] std::io::Error),
}

enum Keys {
    Fixed(Arc<KeySet>),
    Fetched(Arc<Jwks>),
}

struct Issuer {
    config: IssuerConfig,
    keys: Keys,
    validation: Validation,
}

/// The issuers whose tokens are taken.
pub struct Issuers {
    by_name: HashMap<String, Issuer>,
    clock: Arc<dyn Clock>,
}

impl Issuers {
    /// Takes the tokens of these issuers. Their keys are fetched by [`Issuers::watch`], or when the first token comes.
    ///
    /// # Errors
    /// See [`IssuerError`].
    pub fn new(configs: Vec<IssuerConfig>, clock: Arc<dyn Clock>) -> Result<Self, IssuerError> {
        let mut by_name = HashMap::new();
        let mut client = None;
        for config in configs {
            let keys = keys(&config, &mut client, &clock)?;
            match by_name.entry(config.issuer.clone()) {
                Entry::Occupied(_) => return Err(IssuerError::Twice(config.issuer)),
                Entry::Vacant(place) => {
                    let validation = validation(&config);
                    place.insert(Issuer { config, keys, validation });
                }
            }
        }
        Ok(Self { by_name, clock })
    }

    /// What the token says, if it holds at this moment.
    ///
    /// # Errors
    /// [`AuthError::Unauthenticated`] or [`AuthError::NoKeys`].
    pub async fn verify(&self, token: &str) -> Result<Verified, AuthError> {
        let presented = Presented::read(token).map_err(AuthError::Unauthenticated)?;
        // From here on everything is held against this one issuer: its keys, its audience, its tenant.
        let issuer = self.by_name.get(&presented.issuer);
        let issuer = issuer.ok_or(AuthError::Unauthenticated("no issuer of ours"))?;
        if !is_type(&presented.token_type, &issuer.config.token_type) {
            return Err(AuthError::Unauthenticated("not an access token"));
        }
        let claims = issuer.claims(token, &presented).await?;
        let config = &issuer.config;
        let checked = claims.check(&config.issuer, config.max_lifetime, self.clock.now());
        let (subject, expires_at) = checked.map_err(AuthError::Unauthenticated)?;
        Ok(Verified { tenant: config.tenant.clone(), subject, expires_at })
    }

    /// Whether there is an issuer at all whose tokens can be checked.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.by_name.values().any(|issuer| match &issuer.keys {
            Keys::Fixed(_) => true,
            Keys::Fetched(jwks) => jwks.current().is_some(),
        })
    }

    /// Fetches keys and keeps them up to date. Runs until it is dropped.
    pub async fn watch(self: Arc<Self>) {
        let fetched = self.by_name.values().filter_map(|issuer| match &issuer.keys {
            Keys::Fixed(_) => None,
            Keys::Fetched(jwks) => Some(jwks.clone().keep()),
        });
        join_all(fetched).await;
        std::future::pending().await
    }
}

impl Issuer {
    /// The claims of a token that was signed by this issuer for us.
    async fn claims(&self, token: &str, presented: &Presented) -> Result<Claims, AuthError> {
        let (keys, id) = match &self.keys {
            // The one key needs no id.
            Keys::Fixed(keys) => (Some(keys.clone()), None),
            Keys::Fetched(jwks) => {
                let id = presented.key_id.as_deref();
                (jwks.find(id).await, id)
            }
        };
        let keys = keys.ok_or(AuthError::NoKeys)?;
        let candidates = keys.candidates(id, presented.algorithm);
        if candidates.is_empty() {
            return Err(AuthError::Unauthenticated("no key of the issuer fits"));
        }
        let mut validation = self.validation.clone();
        // What the key allows was asked above; the decoder wants to know it once more.
        validation.algorithms = vec![presented.algorithm];
        let mut decoded = candidates.iter().map(|key| decode(token, key.decoding(), &validation));
        let claims = decoded.find_map(Result::ok);
        Ok(claims.ok_or(AuthError::Unauthenticated("signature, issuer or audience do not hold"))?.claims)
    }
}

fn keys(
    config: &IssuerConfig,
    client: &mut Option<Fetcher>,
    clock: &Arc<dyn Clock>,
) -> Result<Keys, IssuerError> {
    let place = match &config.keys {
        KeySource::Fixed(key) => return Ok(Keys::Fixed(Arc::new(KeySet::one(key.clone())))),
        KeySource::Discovery => Place::discovery(&config.issuer),
        KeySource::Url(url) => Place::keys(url),
    };
    let place = place.ok_or_else(|| IssuerError::NotSafe(config.issuer.clone()))?;
    let fetcher = match client {
        Some(fetcher) => fetcher.clone(),
        None => client.insert(Fetcher::new().map_err(IssuerError::NoAuthorities)?).clone(),
    };
    Ok(Keys::Fetched(Arc::new(Jwks::new(place, fetcher, clock.clone()))))
}

fn validation(config: &IssuerConfig) -> Validation {
    let mut validation = Validation::default();
    validation.set_issuer(&[&config.issuer]);
    validation.set_audience(&[&config.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The times are judged by our own clock, see `claims.rs`.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

/// RFC 9068: an access token says that it is one, so that no ID token passes for it. RFC 7515, section 4.1.9: the
/// prefix `application/` may be left out.
fn is_type(presented: &str, wanted: &str) -> bool {
    let bare = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.strip_prefix("application/").map(str::to_owned).unwrap_or(name)
    };
    bare(presented) == bare(wanted)
}
