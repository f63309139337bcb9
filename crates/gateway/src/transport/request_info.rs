//! What a request says about itself, beside its document.

use super::Gateway;
use axum::http::HeaderMap;
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
        let parent = text("traceparent").filter(|value| is_traceparent(value)).map(str::to_owned);
        let state = parent.as_ref().and_then(|_| text("tracestate")).filter(|state| state.len() <= 512);
        Self {
            id: id.unwrap_or_else(|| gateway.services.ids.next()),
            trace: TraceContext { state: state.map(str::to_owned), parent },
        }
    }
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
