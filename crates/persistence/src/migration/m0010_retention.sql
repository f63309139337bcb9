-- What retention has deleted: a row for each kind of rows of a tenant. A run by schedule has its day, and is claimed by
-- it; without an end it is under way, or its process did not live to end it.
create table retention_run (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    what text not null,
    days integer not null,
    started_by text not null,
    day date,
    started_at {time} not null,
    ended_at {time},
    removed bigint,
    unique (tenant_id, what, day)
);
create index retention_run_by_time on retention_run (tenant_id, started_at, id);
