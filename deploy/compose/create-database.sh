#!/usr/bin/env bash
# Runs once, when PostgreSQL sets up its empty volume: a role that owns the one database and can do nothing else.
set -euo pipefail

psql --username "$POSTGRES_USER" --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --set password="$(</run/secrets/database-password)" <<'SQL'
create role waymark login password :'password';
create database waymark owner waymark;
revoke connect on database waymark from public;
SQL
