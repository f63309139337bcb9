-- Roles granted to subjects of tokens. What follows from reporting lines and from being a person has no row.
create table access_grant (
    id {uuid} primary key,
    tenant_id {uuid} not null,
    subject text not null,
    role text not null,
    scope text not null,
    scope_id {uuid},
    permissions text not null,
    valid_from {time} not null,
    valid_until {time},
    requested_by {uuid} not null,
    approved_by {uuid},
    revoked_at {time},
    revision bigint not null
);
create index access_grant_by_subject on access_grant (tenant_id, subject, id);

-- Rises with every change that may change what somebody may do.
create table access_epoch (
    tenant_id {uuid} primary key,
    epoch bigint not null
);

-- What somebody wrote they may read.
create index evidence_by_author on evidence (tenant_id, author_id);
