-- Since when nothing that names the person is left.
alter table person add column erased_at {time};

create table erasure_request (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    person_id {uuid} not null,
    state text not null,
    requested_by {uuid} not null,
    requested_at {time} not null,
    due_on date not null,
    decided_by {uuid},
    decided_at {time},
    reason text,
    revision bigint not null
);
create index erasure_request_by_time on erasure_request (tenant_id, requested_at, id);
create unique index erasure_request_one_open on erasure_request (tenant_id, person_id) where state = 'RECEIVED';
