"""The consumer as its operator runs it, on Apache Kafka, with the examples of the contract as messages."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import uuid

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from inbox import Event, Gap, once
from learning import apply, open_database

HERE = pathlib.Path(__file__).parent
CONTRACT = json.loads((HERE / "../../crates/events/asyncapi.json").read_text(encoding="utf-8"))
CLOSED, ERASED, OTHER = "career.gap-closed.v1", "career.person-erased.v1", "career.person-updated.v1"


@pytest.fixture
def topic():
    """A topic of its own on the broker."""
    brokers = os.environ.get("WAYMARK_TEST_KAFKA") or pytest.exit("run these tests by `cargo xtask test`", 2)
    admin = AdminClient({"bootstrap.servers": brokers})
    name = f"learning-{uuid.uuid4()}"
    admin.create_topics([NewTopic(name, num_partitions=3, replication_factor=1)])[name].result(30)
    yield brokers, name
    admin.delete_topics([name])[name].result(30)


def publish(topic, *events: tuple[str, int, str], source: str = "/waymark/default") -> None:
    """Examples of the contract, each at this place of its key, as Waymark publishes them."""
    brokers, name = topic
    producer = Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random"})
    for kind, sequence, key in events:
        example = CONTRACT["components"]["messages"][kind]["examples"][0]
        headers = {**example["headers"], "ce_source": source, "ce_partitionkey": key, "ce_sequence": str(sequence)}
        producer.produce(name, json.dumps({**example["payload"], "personId": key}), key, headers=headers)
    assert producer.flush(30) == 0


def consume(topic, folder, most: int, **more: str) -> tuple[int, list]:
    """Starts the consumer and stops it after so many events; its exit code, and what it said of each."""
    brokers, name = topic
    settings = {"BROKERS": brokers, "TOPIC": name, "DATABASE": str(folder / "learning.db"), **more}
    command = [sys.executable, str(HERE / "learning.py")]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True)
    seen = []
    for line in process.stdout:
        seen.append(json.loads(line))
        if len(seen) == most:
            process.send_signal(signal.SIGTERM)
    return process.wait(60), [(event["sequence"], event["done"]) for event in seen]


def times(folder, person: str) -> int | None:
    database = open_database(str(folder / "learning.db"))
    row = database.execute("select times from closed where person_id = ?", (person,)).fetchone()
    database.close()
    return row and row[0]


def test_an_event_counts_once(topic, tmp_path):
    person = str(uuid.uuid4())
    publish(topic, (CLOSED, 1, person), source="/waymark/other")
    publish(topic, (CLOSED, 1, person), (OTHER, 2, person), (CLOSED, 2, person), (CLOSED, 3, person), (CLOSED, 1, person))
    seen = [(1, True), (2, True), (2, False), (3, True), (1, False)]
    assert consume(topic, tmp_path, 5) == (0, seen)
    assert times(tmp_path, person) == 2
    # The group goes on where it stopped; another group reads it all again, for nothing.
    publish(topic, (CLOSED, 4, person))
    assert consume(topic, tmp_path, 1) == (0, [(4, True)])
    assert consume(topic, tmp_path, 6, GROUP="again") == (0, [(sequence, False) for sequence, _ in [*seen, (4, True)]])
    assert times(tmp_path, person) == 3


def test_a_hole_stops_it_until_somebody_accepts_it(topic, tmp_path):
    person = str(uuid.uuid4())
    publish(topic, (CLOSED, 1, person), (CLOSED, 5, person))
    assert consume(topic, tmp_path, 9) == (1, [(1, True)])
    assert consume(topic, tmp_path, 9) == (1, [])
    assert times(tmp_path, person) == 1
    assert consume(topic, tmp_path, 1, ACCEPT_GAPS="true") == (0, [(5, True)])
    database = open_database(str(tmp_path / "learning.db"))
    assert database.execute("select key, first_sequence, last_sequence from missed").fetchall() == [(person, 2, 4)]
    database.close()


def test_of_a_person_who_was_erased_nothing_is_kept(topic, tmp_path):
    person, other = str(uuid.uuid4()), str(uuid.uuid4())
    publish(topic, (CLOSED, 1, person), (CLOSED, 1, other), (ERASED, 2, person))
    code, seen = consume(topic, tmp_path, 3)
    assert (code, sorted(seen)) == (0, [(1, True), (1, True), (2, True)])
    assert (times(tmp_path, person), times(tmp_path, other)) == (None, 1)


def test_an_effect_that_fails_is_none(tmp_path):
    database = open_database(str(tmp_path / "learning.db"))
    data = {"personId": "p", "skillId": "s"}
    event = Event(topic="t", key="p", source="/waymark/default", type=CLOSED, sequence=1, data=data)

    def failing(database, event):
        apply(database, event)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        once(database, event, failing)
    assert database.execute("select count(*) from closed").fetchone() == (0,)
    assert once(database, event, apply)
    with pytest.raises(Gap):
        once(database, Event(topic="t", key="p", source="/waymark/default", type=CLOSED, sequence=3, data=data), apply)
    database.close()
