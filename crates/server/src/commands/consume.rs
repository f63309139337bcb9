//! `waymark consume`.

use crate::cli::ConsumeArgs;
use anyhow::Result;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use waymark_messaging::consume::{ConsumedMessage, Consumption, consume};

/// Prints the events of a topic until Ctrl-C, the given number, or the idle time.
pub async fn run(args: ConsumeArgs) -> Result<()> {
    let token = CancellationToken::new();
    let what = Consumption {
        brokers: args.brokers,
        topic: args.topic,
        from_beginning: args.from_beginning,
        idle: args.idle.map(Duration::from_secs),
    };
    let mut messages = consume(what, token.clone());
    let mut left = args.max.unwrap_or(usize::MAX);
    while left > 0 {
        let message = tokio::select! {
            message = messages.recv() => message,
            _ = tokio::signal::ctrl_c() => None,
        };
        let Some(message) = message else { break };
        let message = message?;
        let text = if args.json { as_json(&message) } else { as_text(&message) };
        // The reader may have seen enough, as `head` does.
        if writeln!(std::io::stdout(), "{text}").is_err() {
            break;
        }
        left -= 1;
    }
    token.cancel();
    Ok(())
}

fn as_json(message: &ConsumedMessage) -> String {
    let headers: Map<String, Value> =
        message.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let value = serde_json::from_slice(&message.value)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&message.value).into_owned()));
    json!({
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": message.timestamp,
        "key": message.key,
        "headers": headers,
        "value": value,
    })
    .to_string()
}

fn as_text(message: &ConsumedMessage) -> String {
    let header = |name: &str| {
        let found = message.headers.iter().find(|(header, _)| header == name);
        found.map_or("-", |(_, value)| value.as_str())
    };
    format!(
        "{} {} key={} sequence={} id={}\n  {}",
        header("ce_time"),
        header("ce_type"),
        message.key.as_deref().unwrap_or("-"),
        header("ce_sequence"),
        header("ce_id"),
        String::from_utf8_lossy(&message.value)
    )
}
