-- Text about people, sealed: where `sealed` holds something, the clear columns of the row hold nothing, or what is
-- needed to find it by (a keyed hash).
alter table person add column sealed {blob};
alter table person add column data_key {blob};
alter table evidence add column sealed {blob};
alter table access_grant add column sealed {blob};
alter table erasure_request add column sealed {blob};
alter table mutation_key add column sealed {blob};

-- Whether the text of a tenant is sealed; its keys, each wrapped by the one above it.
create table tenant_vault (
    tenant_id {uuid} primary key,
    state text not null,
    key_version bigint not null,
    index_key {blob} not null
);
create table tenant_key (
    tenant_id {uuid} not null,
    version bigint not null,
    master_key text not null,
    wrapped {blob} not null,
    created_at {time} not null,
    primary key (tenant_id, version)
);

-- What changed since somebody looked: the number rises with each change of people, in the order of commits. 0: written
-- by a program that does not know of it.
alter table person add column change bigint not null default 0;
update person set change = 1;
create index person_by_change on person (tenant_id, change);
create table people_change (
    tenant_id {uuid} primary key,
    change bigint not null
);
insert into people_change (tenant_id, change) select distinct tenant_id, 1 from person;

-- Lists of people are ordered in memory, since names may be sealed.
drop index person_by_name;
drop index person_by_team;
drop index person_by_manager;
create index person_by_team on person (tenant_id, team_id);
create index person_by_manager on person (tenant_id, manager_id);
