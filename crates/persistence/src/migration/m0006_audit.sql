-- What was noted and is not sealed yet: written in the transaction of the effect, taken away by the sealer.
create table audit_pending (
    seq {identity},
    id {uuid} not null,
    tenant_id {uuid} not null,
    at {time} not null,
    actor_id {uuid} not null,
    action text not null,
    object_kind text,
    object_id {uuid},
    person_id {uuid},
    outcome text not null,
    correlation {uuid} not null
);

-- What is sealed: only ever inserted into. docs/audit.md says how hash follows from the rest.
create table audit_entry (
    tenant_id {uuid} not null,
    number bigint not null check (number > 0),
    id {uuid} not null,
    at {time} not null,
    actor_id {uuid} not null,
    action text not null,
    object_kind text,
    object_id {uuid},
    person_id {uuid},
    outcome text not null,
    correlation {uuid} not null,
    hash text not null,
    primary key (tenant_id, number)
);
create index audit_entry_by_actor on audit_entry (tenant_id, actor_id, number);
create index audit_entry_by_person on audit_entry (tenant_id, person_id, number);
create index audit_entry_by_object on audit_entry (tenant_id, object_id, number);

-- The end of each tenant's chain: its row is the lock under which entries are sealed.
create table audit_chain (
    tenant_id {uuid} primary key,
    number bigint not null,
    hash text not null
);
