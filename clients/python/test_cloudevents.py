"""Waymark's topics as the SDK of CloudEvents for Python reads them, with Confluent's client."""

import json
import uuid
from datetime import UTC

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from confluent_kafka import Consumer

TOPICS = ["career.progress.events.v1", "career.framework.events.v1", "career.evidence.events.v1"]


def read(brokers: str) -> list:
    """Every message, until a few seconds pass without another one."""
    settings = {"bootstrap.servers": brokers, "group.id": str(uuid.uuid4()), "auto.offset.reset": "earliest"}
    consumer = Consumer({**settings, "fetch.wait.max.ms": 10})
    consumer.subscribe(TOPICS)
    messages = []
    try:
        # The first one takes as long as joining the group does.
        while (message := consumer.poll(5 if messages else 60)) is not None:
            assert message.error() is None
            messages.append(message)
    finally:
        consumer.close()
    return messages


def test_the_sdk_gives_back_what_was_published(service):
    messages = read(service.brokers)
    assert {message.topic() for message in messages} == set(TOPICS)
    for message in messages:
        headers = dict(message.headers())
        event = from_kafka_event(KafkaMessage(headers=headers, key=message.key(), value=message.value()))
        said = {name: value.decode() for name, value in headers.items()}
        assert event.get_specversion() == "1.0"
        assert event.get_id() == said["ce_id"]
        assert event.get_source() == "/waymark/default"
        assert event.get_type() == said["ce_type"]
        assert event.get_subject() == said["ce_subject"]
        assert event.get_dataschema() == f"urn:waymark:schema:{event.get_type()}"
        assert event.get_time().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") == said["ce_time"]
        assert event.get_extension("partitionkey") == message.key().decode()
        assert int(event.get_extension("sequence")) >= 1
        for name in ["correlationid", "actorid"]:
            assert event.get_extension(name) == said[f"ce_{name}"]
        assert event.get_data() == json.loads(message.value())
