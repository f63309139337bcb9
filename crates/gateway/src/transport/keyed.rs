//! Mutations that bear a key: done once, however often they are repeated.
//!
//! `docs/adr/0013-idempotency-keys.md` says what is written when, and what a crash leaves.

use super::document::Prepared;
use super::operation::{self, Deadline};
use super::respond::{Kept, Mapped};
use super::{Gateway, RequestInfo};
use crate::auth::Caller;
use crate::services::Keyed;
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderMap;
use std::fmt::Write;
use std::sync::Arc;
use waymark_domain::kernel::{Claim, ObjectRef};
use waymark_domain::ports::{Claimed, MutationKey, PortError};

/// The header that bears the key.
const HEADER: &str = "idempotency-key";

/// Longest key, in characters.
const LONGEST: usize = 255;

/// What is wrong with a key.
pub(super) const NO_KEY: &str = "Idempotency-Key is one text of 1 to 255 visible ASCII characters.";

/// The key of a request, if it bears one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<&str>, &'static str> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().map_err(|_| NO_KEY)?;
    let visible = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && values.next().is_none() { Ok(Some(key)) } else { Err(NO_KEY) }
}

/// What became of a mutation with a key.
pub(super) enum Outcome {
    /// It was executed now.
    Executed(Box<Result<Mapped, Deadline>>),
    /// It was done before, and this was the answer.
    Replayed(Kept),
    /// It was done before to these things, and the answer is lost.
    Lost(Vec<ObjectRef>),
    /// Something else was done under the key.
    Reused,
    /// It is being done.
    UnderWay,
}

/// Does what the mutation says unless that was done under this key before.
pub(super) async fn run(
    gateway: &Arc<Gateway>,
    prepared: Prepared,
    caller: &Caller,
    info: &RequestInfo,
    key: &str,
) -> Result<Outcome, PortError> {
    let (gateway, caller, info, key) = (gateway.clone(), caller.clone(), info.clone(), key.to_owned());
    // A task of its own: whoever repeats a mutation has often hung up before its first answer was there, and what was
    // begun for a connection ends with it.
    let task = tokio::spawn(async move { once(&gateway, prepared, &caller, &info, &key).await });
    match task.await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(outcome) => outcome,
        Err(Ok(cause)) => std::panic::resume_unwind(cause),
        Err(Err(_)) => Err(PortError::Unavailable("the process stops".into())),
    }
}

async fn once(
    gateway: &Gateway,
    prepared: Prepared,
    caller: &Caller,
    info: &RequestInfo,
    key: &str,
) -> Result<Outcome, PortError> {
    let mutation = MutationKey {
        tenant: caller.actor.tenant.id,
        actor: caller.actor.id,
        key: hexadecimal(key.as_bytes()),
        payload: hexadecimal(&prepared.payload()),
    };
    Ok(match gateway.services.keys.claim(&mutation).await? {
        Claimed::Mine(claim) => {
            Outcome::Executed(Box::new(first(gateway, prepared, caller, info, claim).await))
        }
        Claimed::UnderWay => Outcome::UnderWay,
        Claimed::OtherPayload => Outcome::Reused,
        Claimed::AnswerLost(objects) => Outcome::Lost(objects),
        Claimed::Answered(text) => {
            let kept = serde_json::from_str(&text).map_err(|error| PortError::Internal(error.into()))?;
            Outcome::Replayed(kept)
        }
    })
}

/// Executes the mutation and keeps its answer; if nothing was done, the key is free again.
async fn first(
    gateway: &Gateway,
    prepared: Prepared,
    caller: &Caller,
    info: &RequestInfo,
    claim: Claim,
) -> Result<Mapped, Deadline> {
    let (keys, keyed) = (&gateway.services.keys, Keyed::new(claim));
    let executed = operation::run(gateway, prepared, caller, info, Some(keyed.clone())).await;
    let done = executed.as_ref().ok().filter(|mapped| !keyed.refused() && !mapped.refused());
    // What looks refused may have had its effect all the same: only the database knows.
    let kept = match done {
        None if keys.release(&claim).await.unwrap_or_else(|error| told(&error, info)) => Ok(()),
        _ => match executed.as_ref().ok().and_then(|mapped| mapped.kept(info)) {
            Some(answer) => keys.keep(&claim, &answer).await,
            None => Ok(()),
        },
    };
    if let Err(error) = kept {
        told(&error, info);
    }
    executed
}

/// The answer is not held back for it: without what could not be written, a repetition is told less, and does nothing.
fn told(error: &PortError, info: &RequestInfo) -> bool {
    tracing::error!(request = %info.id, %error, "what became of a key could not be written");
    false
}

fn hexadecimal(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_key_is_one_visible_text() {
        let of = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, HeaderValue::from_bytes(value).unwrap());
            }
            key(&headers).map(|key| key.map(str::to_owned))
        };
        assert_eq!(of(&[]), Ok(None));
        let longest = "k".repeat(LONGEST);
        for good in ["k", "550e8400-e29b-41d4-a716-446655440000", "\"quoted\"", longest.as_str()] {
            assert_eq!(of(&[good.as_bytes()]), Ok(Some(good.to_owned())));
        }
        let long = "k".repeat(LONGEST + 1);
        for bad in [&b""[..], b"a b", b"\xc3\xa4", b"a\tb", long.as_bytes()] {
            assert_eq!(of(&[bad]), Err(NO_KEY), "{bad:?}");
        }
        assert_eq!(of(&[b"a", b"a"]), Err(NO_KEY), "one is meant");
    }
}
