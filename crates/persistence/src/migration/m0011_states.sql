-- People whose progress record changed and was not told to the compacted topics since. The mark is new with each change.
create table state_pending (
    person_id {uuid} primary key,
    tenant_id {uuid} not null,
    tenant_key text not null,
    shard smallint not null,
    mark {uuid} not null,
    changed_at {time} not null
);
create index state_pending_by_shard on state_pending (shard, mark);
