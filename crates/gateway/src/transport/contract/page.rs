//! The document as a page: topics, their events, the fields of each, and an example. Everything from the document is
//! escaped by the template.

use super::fields::{self, text};
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

/// The page of this document.
pub(super) fn render(document: &Value) -> String {
    let info = &document["info"];
    let channels: Vec<&Value> =
        document["channels"].as_object().into_iter().flat_map(|all| all.values()).collect();
    let headers = &document["components"]["schemas"]["CloudEventHeaders"];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (text(info, "title")) }
                link rel="stylesheet" href="/events/style.css";
            }
            body {
                header {
                    h1 { (text(info, "title")) " " small { (text(info, "version")) } }
                    p { (text(info, "description")) }
                    p { a href="/events/asyncapi.json" { "AsyncAPI document" } }
                }
                (contents(&channels))
                main {
                    @for channel in &channels { (topic(document, channel)) }
                    section id="headers" {
                        h2 { "Headers of every message" }
                        p { (text(headers, "description")) }
                        (table(headers))
                    }
                }
            }
        }
    };
    page.into_string()
}

fn names(channel: &Value) -> impl Iterator<Item = &String> {
    channel["messages"].as_object().into_iter().flat_map(|messages| messages.keys())
}

fn contents(channels: &[&Value]) -> Markup {
    html! {
        nav aria-label="Contents" {
            @for channel in channels {
                h2 { a href={ "#" (text(channel, "address")) } { (text(channel, "address")) } }
                ul { @for name in names(channel) { li { a href={ "#" (name) } { (name) } } } }
            }
            h2 { a href="#headers" { "Headers" } }
        }
    }
}

fn topic(document: &Value, channel: &Value) -> Markup {
    let address = text(channel, "address");
    let kafka = &channel["bindings"]["kafka"];
    html! {
        section id=(address) {
            h2 { "Topic " code { (address) } }
            p { (text(channel, "description")) }
            @if let Some(partitions) = kafka["partitions"].as_u64() { p { (partitions) " partitions." } }
            @for name in names(channel) { (event(name, &document["components"]["messages"][name.as_str()])) }
        }
    }
}

fn event(name: &str, message: &Value) -> Markup {
    let example = &message["examples"][0];
    html! {
        article id=(name) {
            h3 { code { (name) } }
            p { (text(message, "summary")) }
            p { "Key: " (text(&message["bindings"]["kafka"]["key"], "description")) }
            (table(&message["payload"]))
            details {
                summary { "Example" }
                h4 { "Headers" }
                pre { (shown(&example["headers"])) }
                h4 { "Value" }
                pre { (shown(&example["payload"])) }
            }
        }
    }
}

fn table(schema: &Value) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Fields" {
            table {
                thead { tr { th scope="col" { "Field" } th scope="col" { "Type" } th scope="col" { "What it is" } } }
                tbody {
                    @for field in fields::of(schema) {
                        tr {
                            th scope="row" { code { (field.path) } @if !field.required { " " em { "optional" } } }
                            td { (field.kind) }
                            td { (field.description) }
                        }
                    }
                }
            }
        }
    }
}

fn shown(value: &Value) -> String {
    format!("{value:#}")
}

#[cfg(test)]
mod tests {
    use super::render;
    use serde_json::json;

    #[test]
    fn what_a_document_says_is_text_wherever_it_stands() {
        let evil = "<script>alert(1)</script>\" onclick=\"x";
        let page = render(&json!({
            "info": {"title": evil, "version": evil, "description": evil},
            "channels": {"a": {"address": evil, "description": evil, "messages": {evil: {}}}},
            "components": {
                "messages": {evil: {
                    "summary": evil,
                    "bindings": {"kafka": {"key": {"description": evil}}},
                    "payload": {"properties": {evil: {"type": evil, "format": evil, "description": evil}}},
                    "examples": [{"headers": {evil: evil}, "payload": {evil: evil}}],
                }},
                "schemas": {"CloudEventHeaders": {"description": evil, "properties": {evil: {"const": evil}}}},
            },
        }));
        assert!(page.contains("&lt;script&gt;"));
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.contains("\" onclick="), "{page}");
    }
}
