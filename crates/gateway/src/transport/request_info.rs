//! What a request says about itself, beside its document.

use super::Gateway;
use axum::http::HeaderMap;
use std::collections::HashSet;
use uuid::Uuid;
use waymark_domain::kernel::TraceContext;

/// What a resolver may know of its request.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Identifies the request, in the log and in the answer.
    pub id: Uuid,
    /// The trace that it belongs to.
    pub trace: TraceContext,
}

impl RequestInfo {
    /// What these headers say.
    pub(super) fn of(gateway: &Gateway, headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        // A caller's own id is taken if it is a UUID; anything else would let callers write into the log.
        let id = text("x-request-id").and_then(|id| Uuid::parse_str(id).ok());
        let trace = trace(headers);
        Self { id: id.unwrap_or_else(|| gateway.services.ids.next()), trace }
    }
}

/// The trace of a request. What is not valid is left aside, as W3C Trace Context asks; a state without a parent, or a
/// second parent, means nothing.
fn trace(headers: &HeaderMap) -> TraceContext {
    let texts = |name: &str| -> Option<Vec<&str>> {
        headers.get_all(name).iter().map(|value| value.to_str().ok()).collect()
    };
    let parent = texts("traceparent").filter(|values| values.len() == 1).and_then(|mut values| values.pop());
    let Some(parent) = parent.filter(|value| is_traceparent(value)) else { return TraceContext::default() };
    // Several headers are one list.
    let state = texts("tracestate").map(|values| values.join(",")).filter(|state| is_tracestate(state));
    TraceContext { parent: Some(parent.to_owned()), state }
}

/// W3C Trace Context, version 00: `00-<32 hex>-<16 hex>-<2 hex>`.
fn is_traceparent(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    match parts.as_slice() {
        ["00", trace, span, flags] => {
            hex(trace, 32) && hex(span, 16) && hex(flags, 2) && !zero(trace) && !zero(span)
        }
        _ => false,
    }
}

/// Whether this is a list of at most 32 distinct `key=value` within the 512 characters that everybody must carry on.
fn is_tracestate(value: &str) -> bool {
    let members: Vec<&str> = value.split(',').map(str::trim).filter(|member| !member.is_empty()).collect();
    let keys: HashSet<&str> = members.iter().filter_map(|member| Some(member.split_once('=')?.0)).collect();
    value.len() <= 512
        && (1..=32).contains(&members.len())
        && keys.len() == members.len()
        && members.iter().all(|member| is_member(member))
}

/// One `key=value` of a `tracestate`.
fn is_member(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else { return false };
    let small = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let in_key = |b: u8| small(b) || b"_-*/@".contains(&b);
    let begins = key.bytes().next().is_some_and(small);
    begins
        && key.len() <= 256
        && key.bytes().all(in_key)
        && (1..=256).contains(&value.len())
        && value.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=')
}
