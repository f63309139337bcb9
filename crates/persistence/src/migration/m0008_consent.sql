-- What people agreed to. A row is never changed but for its end: taking back ends it, agreeing again is another row.
create table consent (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    person_id {uuid} not null references person (id),
    purpose text not null,
    version bigint not null check (version > 0),
    given_at {time} not null,
    withdrawn_at {time}
);
create index consent_by_person on consent (tenant_id, person_id, given_at, id);
create unique index consent_one_open on consent (tenant_id, person_id, purpose, version) where withdrawn_at is null;
