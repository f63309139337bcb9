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
