-- What was done under a caller's key. A row without effect is a claim: somebody is at it until leased_until.
-- effect is written by the transaction that does it, answer afterwards. Times are the database's own, in
-- milliseconds since 1970.
create table mutation_key (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    actor_id {uuid} not null,
    key text not null,
    payload text not null,
    leased_until bigint not null,
    expires_at bigint not null,
    effect text,
    answer text,
    unique (tenant_id, actor_id, key)
);
create index mutation_key_by_end on mutation_key (expires_at);

-- Entries of the audit log that have no place in their tenant's chain yet: written in the transaction of what
-- they tell of, moved to audit_entry by the sealer.
create table audit_pending (
    seq {identity},
    entry_id {uuid} not null unique,
    tenant_id {uuid} not null,
    at {time} not null,
    actor_id {uuid} not null,
    action text not null,
    object_kind text,
    object_id {uuid},
    outcome text not null,
    request_id {uuid} not null
);
create index audit_pending_by_tenant on audit_pending (tenant_id, seq);

-- The chains. Only ever inserted into; hash binds an entry to the one before it.
create table audit_entry (
    entry_id {uuid} primary key,
    tenant_id {uuid} not null,
    place bigint not null,
    at {time} not null,
    actor_id {uuid} not null,
    action text not null,
    object_kind text,
    object_id {uuid},
    outcome text not null,
    request_id {uuid} not null,
    hash text not null,
    unique (tenant_id, place)
);
create index audit_entry_by_actor on audit_entry (tenant_id, actor_id, place);
create index audit_entry_by_object on audit_entry (tenant_id, object_id, place);

-- How far each chain has come. Its row lock lets one sealer at a time extend the chain.
create table audit_chain (
    tenant_id {uuid} primary key,
    place bigint not null,
    hash text not null
);
