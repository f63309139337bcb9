"""Each event has its effect once: how far a key was read is kept in the transaction of the effect."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

TABLES = """
create table if not exists inbox (
  source text, topic text, key text, last_sequence integer not null, primary key (source, topic, key)
) strict;
create table if not exists missed (
  source text, topic text, key text, first_sequence integer, last_sequence integer not null,
  primary key (source, topic, key, first_sequence)
) strict;
"""


@dataclass(frozen=True)
class Event:
    """An event as it was read."""

    topic: str
    key: str
    """Id of the person, team or framework."""
    source: str
    """`/waymark/<tenant>`"""
    type: str
    sequence: int
    """1, 2, 3, ... without gaps for each key of a topic."""
    data: dict[str, Any]


class Gap(Exception):
    """Events before this one are missing."""


def once(
    database: sqlite3.Connection, event: Event, effect: Callable[[sqlite3.Connection, Event], None], accept_gaps: bool = False
) -> bool:
    """Calls `effect` if the event is the next one of its key; says whether it did.

    What was read before is a duplicate. What comes too early raises `Gap`; with `accept_gaps` the hole is written down
    instead, for somebody who knows that the missing events are older than the retention of the topic.
    """
    stream = (event.source, event.topic, event.key)
    with transaction(database):
        select = "select last_sequence from inbox where source = ? and topic = ? and key = ?"
        (last,) = database.execute(select, stream).fetchone() or (0,)
        if event.sequence <= last:
            return False
        if event.sequence > last + 1:
            if not accept_gaps:
                raise Gap(f"{event.topic} {event.key}: {event.sequence} follows {last}; what lies between is missing")
            database.execute("insert into missed values (?, ?, ?, ?, ?)", (*stream, last + 1, event.sequence - 1))
        effect(database, event)
        database.execute("insert or replace into inbox values (?, ?, ?, ?)", (*stream, event.sequence))
    return True


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. `immediate`, so that two readers of a partition take turns."""
    database.execute("begin immediate")
    try:
        yield
    except BaseException:
        database.execute("rollback")
        raise
    database.execute("commit")
