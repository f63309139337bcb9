-- What a person takes along: one at a time for each. Without content it is being put together, by whoever holds it until
-- leased_until. Times in milliseconds since 1970 are compared with the database's own.
create table data_export (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    person_id {uuid} not null,
    state text not null,
    requested_at {time} not null,
    expires_at bigint not null,
    link_hash text not null,
    leased_until bigint not null,
    content text,
    sealed {blob},
    unique (tenant_id, person_id)
);
create index data_export_by_end on data_export (expires_at);
