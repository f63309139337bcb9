//! The document of the contract against the catalogue that it is made of.

use serde_json::Value;
use std::{collections::BTreeSet, error::Error};
use waymark_events::{CATALOGUE, PublishedEvent, Topic, asyncapi};

#[test]
fn every_event_has_a_message_on_its_topic_alone() -> Result<(), Box<dyn Error>> {
    let document = asyncapi::document()?;
    for event in CATALOGUE {
        for topic in Topic::ALL {
            let there = &document["channels"][topic.name()]["messages"][event.name];
            assert_eq!(there.is_object(), topic == event.topic, "{} on {}", event.name, topic.name());
        }
        assert!(document["components"]["messages"][event.name]["summary"].is_string(), "{}", event.name);
    }
    assert_eq!(
        document["components"]["messages"].as_object().map(serde_json::Map::len),
        Some(CATALOGUE.len())
    );
    Ok(())
}

#[test]
fn an_example_is_read_back_as_its_own_type_and_every_header_of_it_is_described() -> Result<(), Box<dyn Error>>
{
    let document = asyncapi::document()?;
    let described = &document["components"]["schemas"]["CloudEventHeaders"];
    let names = |value: &Value| -> BTreeSet<String> {
        value.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect()
    };
    for event in CATALOGUE {
        let example = &document["components"]["messages"][event.name]["examples"][0];
        let data = serde_json::to_vec(&example["payload"])?;
        let read = PublishedEvent::parse(event.name, &data).ok_or(event.name)??;
        assert_eq!(read.event_type().name, event.name);
        assert_eq!(serde_json::from_str::<Value>(&read.data()?)?, example["payload"]);
        assert_eq!(example["headers"]["ce_type"], event.name);
        let headers = names(&example["headers"]);
        assert!(headers.is_subset(&names(&described["properties"])), "{headers:?}");
        for required in described["required"].as_array().into_iter().flatten() {
            assert!(example["headers"][required.as_str().unwrap_or_default()].is_string(), "{required}");
        }
    }
    Ok(())
}
