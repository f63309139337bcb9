//! What the client accepts: one answer as JSON, or a stream of them.

use axum::http::{HeaderMap, header};

/// Media types of single answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: request errors are 200, as old clients expect.
    Json,
    /// `application/graphql-response+json`: request errors have their own status.
    GraphqlResponse,
}

/// Ways to send several answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Streaming {
    /// `text/event-stream`, as graphql-sse does it with distinct connections.
    Events,
    /// `multipart/mixed` with Apollo's `subscriptionSpec=1.0`.
    Multipart,
}

/// What a client accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Accepted {
    /// For one answer; `None` when the client takes no JSON.
    pub single: Option<MediaType>,
    /// For several answers.
    pub streaming: Option<Streaming>,
    /// Whether even a single answer is rather to be streamed.
    pub prefers_stream: bool,
}

impl MediaType {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

impl Accepted {
    /// What the client likes best; `None` when it takes nothing that there is.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut values =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
        if values.peek().is_none() {
            return Some(Self { single: Some(MediaType::Json), streaming: None, prefers_stream: false });
        }
        let mut likes = Likes::default();
        for range in values.flat_map(|value| value.split(',')) {
            likes.note(range);
        }
        let accepted = likes.accepted();
        (accepted.single.is_some() || accepted.streaming.is_some()).then_some(accepted)
    }

    /// The type of an answer that is no stream; errors come as JSON even to those who accept only streams.
    pub fn single_or_json(self) -> MediaType {
        self.single.unwrap_or(MediaType::Json)
    }
}

/// The quality that the client gives to each type, 0 to 1. What is named counts more than what is meant by a
/// wildcard.
#[derive(Default)]
struct Likes {
    json: Option<f32>,
    graphql: Option<f32>,
    application: Option<f32>,
    anything: Option<f32>,
    events: Option<f32>,
    multipart: Option<f32>,
}

impl Likes {
    fn note(&mut self, range: &str) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameters: Vec<&str> = parts.collect();
        let quality = parameters.iter().find_map(|part| part.strip_prefix("q="));
        let quality = quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
        let like = match name.as_str() {
            "application/json" => &mut self.json,
            "application/*" => &mut self.application,
            "*/*" => &mut self.anything,
            "application/graphql-response+json" => &mut self.graphql,
            "text/event-stream" => &mut self.events,
            "multipart/mixed" if parameters.iter().any(|part| is_subscription_spec(part)) => {
                &mut self.multipart
            }
            _ => return,
        };
        *like = Some(like.unwrap_or(0.0).max(quality));
    }

    fn accepted(&self) -> Accepted {
        let (single, streaming) = (self.single(), self.streaming());
        let [events, json, graphql] =
            [self.events, self.json, self.graphql].map(|quality| quality.unwrap_or(0.0));
        let prefers_stream = single.is_none() || events > json.max(graphql).max(self.wildcard());
        Accepted { single, streaming, prefers_stream }
    }

    fn wildcard(&self) -> f32 {
        self.application.or(self.anything).unwrap_or(0.0)
    }

    fn single(&self) -> Option<MediaType> {
        let wildcard = self.wildcard();
        let json = self.json.unwrap_or(wildcard);
        // By a wildcard old clients mean what they know.
        let graphql = self.graphql.unwrap_or(if json > 0.0 { 0.0 } else { wildcard });
        match (graphql > json, json > 0.0) {
            (true, _) => Some(MediaType::GraphqlResponse),
            (false, true) => Some(MediaType::Json),
            (false, false) => None,
        }
    }

    fn streaming(&self) -> Option<Streaming> {
        let (events, multipart) = (self.events.unwrap_or(0.0), self.multipart.unwrap_or(0.0));
        match (events >= multipart, events > 0.0, multipart > 0.0) {
            (true, true, _) => Some(Streaming::Events),
            (_, _, true) => Some(Streaming::Multipart),
            _ => None,
        }
    }
}

fn is_subscription_spec(parameter: &str) -> bool {
    matches!(parameter, "subscriptionSpec=1.0" | "subscriptionSpec=\"1.0\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_best_of_what_there_is() {
        use MediaType::{GraphqlResponse, Json};
        let table: [(&str, Option<MediaType>, Option<Streaming>); 14] = [
            ("*/*, application/json;q=0", Some(GraphqlResponse), None),
            ("*/*;q=0.1, application/graphql-response+json", Some(GraphqlResponse), None),
            ("*/*", Some(Json), None),
            ("application/*", Some(Json), None),
            ("application/json; charset=utf-8", Some(Json), None),
            ("application/graphql-response+json", Some(GraphqlResponse), None),
            ("application/graphql-response+json, application/json;q=0.9", Some(GraphqlResponse), None),
            ("application/graphql-response+json, application/json", Some(Json), None),
            ("application/graphql-response+json;q=0.1, application/json", Some(Json), None),
            ("text/event-stream", None, Some(Streaming::Events)),
            (
                "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0,application/json",
                Some(Json),
                Some(Streaming::Multipart),
            ),
            ("text/html, application/json;q=0", None, None),
            ("multipart/mixed", None, None),
            ("image/png", None, None),
        ];
        for (text, single, streaming) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(text).unwrap());
            let accepted = Accepted::negotiate(&headers);
            assert_eq!(accepted.and_then(|a| a.single), single, "{text}");
            assert_eq!(accepted.and_then(|a| a.streaming), streaming, "{text}");
        }
        assert_eq!(Accepted::negotiate(&HeaderMap::new()).and_then(|a| a.single), Some(Json));
    }
}
