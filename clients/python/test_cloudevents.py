"""Waymark's topics as the SDK of CloudEvents for Python reads them, with Confluent's client."""

import base64
import json
import os
import pathlib
import subprocess
import uuid
from datetime import UTC

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from confluent_kafka import Consumer, KafkaError

TOPICS = ["career.progress.events.v1", "career.framework.events.v1", "career.evidence.events.v1"]


def read(brokers: str) -> list:
    """Every message, until a few seconds pass without another one."""
    settings = {"bootstrap.servers": brokers, "group.id": str(uuid.uuid4()), "auto.offset.reset": "earliest"}
    consumer = Consumer({**settings, "fetch.wait.max.ms": 10, "topic.metadata.refresh.interval.ms": 500})
    consumer.subscribe(TOPICS)
    messages = []
    try:
        # The first one takes as long as joining the group does.
        while (message := consumer.poll(5 if messages else 60)) is not None:
            # The relay may not have made the topics yet.
            if message.error() is not None and message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                continue
            assert message.error() is None
            messages.append(message)
    finally:
        consumer.close()
    return messages


@pytest.fixture
def relayed(tmp_path):
    """A tenant of its own, imported on SQLite, and its relay to Apache Kafka."""
    brokers, binary = os.environ.get("WAYMARK_TEST_KAFKA"), os.environ.get("WAYMARK_BIN")
    if not brokers or not binary:
        pytest.exit("run these tests by `cargo xtask test`", 2)
    tenant = f"t{uuid.uuid4().hex[:12]}"
    environment = {
        **os.environ,
        "WAYMARK_DATABASE__URL": f"sqlite://{tmp_path / 'waymark.db'}?mode=rwc",
        "WAYMARK_EVENTS__BROKERS": brokers,
        "WAYMARK_EVENTS__REPLICATION_FACTOR": "1",
        "WAYMARK_EVENTS__MIN_INSYNC_REPLICAS": "1",
        "WAYMARK_TENANT__KEY": tenant,
        "WAYMARK_ENCRYPTION__MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
    }
    fixtures = pathlib.Path(__file__).parent / "../journey/fixtures"
    commands = [["migrate"], ["import", "framework", fixtures / "framework.yaml", "--publish"], ["import", "people", fixtures / "people.csv"]]
    for arguments in commands:
        subprocess.run([binary, *arguments], env=environment, check=True, capture_output=True)
    relay = subprocess.Popen([binary, "relay"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield brokers, tenant
    relay.terminate()
    assert relay.wait(30) == 0


def test_the_sdk_gives_back_what_the_embedded_broker_has(service):
    messages = read(service.brokers)
    assert {message.topic() for message in messages} == set(TOPICS)
    check(messages, "/waymark/default")


def test_the_sdk_gives_back_what_apache_kafka_has(relayed):
    brokers, tenant = relayed
    source = f"/waymark/{tenant}"
    messages = [message for message in read(brokers) if dict(message.headers())["ce_source"].decode() == source]
    types = [dict(message.headers())["ce_type"].decode() for message in messages]
    assert types.count("career.person-registered.v1") == 3
    assert types.count("career.framework-published.v1") == 1
    check(messages, source)


def check(messages: list, source: str) -> None:
    """Each message, read by the SDK, has what its headers and value say."""
    for message in messages:
        headers = dict(message.headers())
        event = from_kafka_event(KafkaMessage(headers=headers, key=message.key(), value=message.value()))
        said = {name: value.decode() for name, value in headers.items()}
        assert event.get_specversion() == "1.0"
        assert event.get_id() == said["ce_id"]
        assert event.get_source() == source
        assert event.get_type() == said["ce_type"]
        assert event.get_subject() == said["ce_subject"]
        assert event.get_dataschema() == f"urn:waymark:schema:{event.get_type()}"
        assert event.get_time().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") == said["ce_time"]
        assert event.get_extension("partitionkey") == message.key().decode()
        assert int(event.get_extension("sequence")) >= 1
        for name in ["correlationid", "actorid"]:
            assert event.get_extension(name) == said[f"ce_{name}"]
        assert event.get_data() == json.loads(message.value())
