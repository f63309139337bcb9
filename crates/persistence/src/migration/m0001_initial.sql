-- Every table of records and events carries its tenant. {uuid}, {time}, {identity} and {double} are the database's own types.

create table framework_version (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    framework_id {uuid} not null,
    framework_key text not null,
    number integer not null check (number > 0),
    state text not null,
    content text not null,
    created_at {time} not null,
    published_at {time},
    revision bigint not null,
    unique (tenant_id, framework_id, number)
);

-- Which published version a skill was last part of.
create table skill (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    framework_id {uuid} not null,
    version_id {uuid} not null references framework_version (id),
    key text not null
);

create table position (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    version_id {uuid} not null references framework_version (id),
    key text not null
);

create table team (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    key text not null,
    title text not null,
    revision bigint not null,
    unique (tenant_id, key)
);
create index team_by_title on team (tenant_id, title, id);

create table person (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    external_id text not null,
    display_name text not null,
    email text,
    email_key text,
    discipline text not null,
    team_id {uuid} references team (id),
    manager_id {uuid},
    position_id {uuid} references position (id),
    position_since date,
    revision bigint not null,
    unique (tenant_id, external_id),
    unique (tenant_id, email_key)
);
create index person_by_name on person (tenant_id, display_name, id);
create index person_by_team on person (tenant_id, team_id, display_name, id);
create index person_by_manager on person (tenant_id, manager_id, display_name, id);

-- Bitemporal: true from valid_from until valid_to, believed from recorded_at until superseded_at.
create table assignment (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    person_id {uuid} not null references person (id),
    position_id {uuid} not null references position (id),
    valid_from {time} not null,
    valid_to {time},
    recorded_at {time} not null,
    superseded_at {time}
);
create index assignment_by_person on assignment (tenant_id, person_id);
create unique index assignment_one_open on assignment (person_id)
    where valid_to is null and superseded_at is null;

create table evidence (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    person_id {uuid} not null references person (id),
    author_id {uuid} not null,
    kind text not null,
    title text not null,
    body text not null,
    links text not null,
    occurred_on date not null,
    claims text not null,
    state text not null,
    reviewer_id {uuid},
    recorded_at {time} not null,
    revision bigint not null
);
create index evidence_by_person on evidence (tenant_id, person_id, occurred_on, id);
create index evidence_by_day on evidence (tenant_id, occurred_on, id);
create index evidence_by_record on evidence (tenant_id, recorded_at, id);

create table skill_record (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    person_id {uuid} not null references person (id),
    skill_id {uuid} not null,
    kind text not null,
    attested_level smallint,
    score {double},
    confidence {double},
    last_item_on date,
    revision bigint not null,
    unique (tenant_id, person_id, skill_id)
);

create table skill_record_item (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    record_id {uuid} not null references skill_record (id),
    source text not null,
    level smallint not null check (level between 0 and 5),
    independence {double} not null,
    occurred_on date not null,
    by_id {uuid} not null,
    evidence_id {uuid},
    recorded_at {time} not null,
    ended_at {time}
);
create index skill_record_item_by_record on skill_record_item (record_id, recorded_at, id);

-- Bitemporal, as above.
create table skill_record_history (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    record_id {uuid} not null references skill_record (id),
    attested_level smallint,
    score {double},
    confidence {double},
    last_item_on date,
    valid_from {time} not null,
    valid_to {time},
    recorded_at {time} not null,
    superseded_at {time}
);
create index skill_record_history_by_record on skill_record_history (tenant_id, record_id);
create unique index skill_record_history_one_open on skill_record_history (record_id)
    where valid_to is null and superseded_at is null;

-- One row a stream (tenant, topic, key). Its row lock puts the writers of a stream in a line.
create table event_stream (
    tenant_id {uuid} not null,
    topic text not null,
    key text not null,
    last_sequence bigint not null,
    primary key (tenant_id, topic, key)
);

create table event_log (
    seq {identity},
    event_id {uuid} not null unique,
    tenant_id {uuid} not null,
    tenant_key text not null,
    shard smallint not null,
    topic text not null,
    key text not null,
    sequence bigint not null,
    type text not null,
    subject text not null,
    occurred_at {time} not null,
    trace text not null,
    data text not null,
    unique (tenant_id, topic, key, sequence)
);

create table outbox_pending (
    seq bigint primary key,
    shard smallint not null
);
create index outbox_pending_by_shard on outbox_pending (shard, seq);

-- A stream whose first pending event the broker refuses for good.
create table outbox_blocked (
    tenant_id {uuid} not null,
    topic text not null,
    key text not null,
    first_seq bigint not null,
    error text not null,
    attempts integer not null,
    primary key (tenant_id, topic, key)
);

-- Times of leases are the database's own, in milliseconds since 1970.
create table relay_member (
    owner {uuid} primary key,
    expires_at bigint not null
);
create table relay_lease (
    shard smallint primary key,
    owner {uuid} not null,
    epoch bigint not null,
    expires_at bigint not null
);
