//! Streams of answers over HTTP: server-sent events, and Apollo's multipart responses.

use super::accept::Streaming;
use super::respond::{Mapped, common_headers};
use super::{RequestInfo, respond};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream::{self, BoxStream, StreamExt};
use std::convert::Infallible;
use std::time::Duration;

/// How often a silent stream shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Parts of multipart answers are separated by this.
const BOUNDARY: &str = "\r\n--graphql";

/// The answers as a response that stays open.
pub(super) fn response(
    answers: BoxStream<'static, Mapped>,
    streaming: Streaming,
    info: RequestInfo,
) -> Response {
    let form = match streaming {
        Streaming::Events => Form::EVENTS,
        Streaming::Multipart => Form::MULTIPART,
    };
    let for_body = info.clone();
    let parts = answers.map(move |answer| (form.part)(&respond::json(&answer, &for_body)));
    let begin = stream::iter(form.begin.map(str::to_owned));
    let end = stream::iter([form.end.to_owned()]);
    let body = begin.chain(with_heartbeats(parts.boxed(), form.heartbeat)).chain(end);
    let body = body.map(|text| Ok::<_, Infallible>(Bytes::from(text)));
    let mut response = Response::new(Body::from_stream(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type));
    // Proxies that collect answers would collect for ever.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    common_headers(&mut response, &info);
    response
}

/// How a stream is written.
#[derive(Clone, Copy)]
struct Form {
    media_type: &'static str,
    begin: Option<&'static str>,
    part: fn(&str) -> String,
    heartbeat: &'static str,
    end: &'static str,
}

impl Form {
    const EVENTS: Self = Self {
        media_type: "text/event-stream; charset=utf-8",
        // A comment: the client sees that it is connected.
        begin: Some(":\n\n"),
        part: |json| format!("event: next\ndata: {json}\n\n"),
        heartbeat: ":\n\n",
        end: "event: complete\ndata:\n\n",
    };
    const MULTIPART: Self = Self {
        media_type: "multipart/mixed; boundary=\"graphql\"; subscriptionSpec=\"1.0\"",
        begin: Some(BOUNDARY),
        part: |json| format!("\r\nContent-Type: application/json\r\n\r\n{{\"payload\":{json}}}{BOUNDARY}"),
        heartbeat: "\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql",
        end: "--\r\n",
    };
}

/// The parts, and a heartbeat wherever nothing comes for long.
fn with_heartbeats(
    parts: BoxStream<'static, String>,
    heartbeat: &'static str,
) -> impl futures_util::Stream<Item = String> {
    stream::unfold(parts, move |mut parts| async move {
        match tokio::time::timeout(HEARTBEAT, parts.next()).await {
            Ok(part) => part.map(|part| (part, parts)),
            Err(_) => Some((heartbeat.to_owned(), parts)),
        }
    })
}
