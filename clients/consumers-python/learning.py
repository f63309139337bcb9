"""Counts how often a person closed a gap in a skill. Settings are in the environment; README.md lists them."""

import json
import os
import signal
import sqlite3

from confluent_kafka import Consumer, KafkaException, Message

import inbox
from inbox import Event

TABLES = """
create table if not exists closed (
  person_id text, skill_id text, times integer not null, primary key (person_id, skill_id)
) strict;
"""


def apply(database: sqlite3.Connection, event: Event) -> None:
    """The effect of an event. Types that are of no interest have none."""
    match event.type:
        case "career.gap-closed.v1":
            add = """insert into closed values (?, ?, 1)
                     on conflict (person_id, skill_id) do update set times = times + 1"""
            database.execute(add, (event.data["personId"], event.data["skillId"]))
        case "career.person-erased.v1":
            database.execute("delete from closed where person_id = ?", (event.data["personId"],))


def decode(message: Message) -> Event:
    """Reads the headers and the value of a message: CloudEvents 1.0 in binary mode."""
    headers = {name: value.decode() for name, value in message.headers() or []}
    return Event(
        topic=message.topic(),
        key=message.key().decode(),
        source=headers["ce_source"],
        type=headers["ce_type"],
        sequence=int(headers["ce_sequence"]),
        data=json.loads(message.value()),
    )


def open_database(file: str) -> sqlite3.Connection:
    """The database with its tables. Without transactions of Python's own: `inbox` begins and ends them."""
    database = sqlite3.connect(file, isolation_level=None, timeout=30)
    database.executescript(inbox.TABLES + TABLES)
    return database


def run() -> None:
    """Reads the topic until it is told to stop."""
    source = os.environ.get("SOURCE", "/waymark/default")
    accept_gaps = os.environ.get("ACCEPT_GAPS") == "true"
    database = open_database(os.environ["DATABASE"])
    consumer = Consumer({
        "bootstrap.servers": os.environ["BROKERS"],
        "group.id": os.environ.get("GROUP", "learning-python"),
        "auto.offset.reset": "earliest",
        # An offset is committed after the transaction; a crash between the two makes a duplicate.
        "enable.auto.offset.store": False,
    })
    stopping = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: stopping.append(number))
    consumer.subscribe([os.environ.get("TOPIC", "career.progress.events.v1")])
    try:
        while not stopping:
            message = consumer.poll(0.5)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            event = decode(message)
            # A `Gap` ends the process before the offset is stored: started again, it reads from there.
            if event.source == source:
                done = inbox.once(database, event, apply, accept_gaps)
                print(json.dumps({"done": done, "type": event.type, "key": event.key, "sequence": event.sequence}), flush=True)
            consumer.store_offsets(message)
    finally:
        consumer.close()
        database.close()


if __name__ == "__main__":
    run()
