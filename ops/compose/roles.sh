#!/bin/sh
# Makes the users and the database of Runstate, when PostgreSQL's volume is empty. The image of PostgreSQL
# runs this file as the superuser (docker-compose.production.yml).
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$RUNSTATE_OWNER_PASSWORD" -v login="$RUNSTATE_LOGIN_PASSWORD" \
    -U "${POSTGRES_USER:-postgres}" -d postgres <<'SQL'
CREATE ROLE runstate_server NOLOGIN;
CREATE ROLE runstate_owner LOGIN PASSWORD :'owner';
CREATE ROLE runstate_login LOGIN PASSWORD :'login' IN ROLE runstate_server;
CREATE DATABASE runstate OWNER runstate_owner;
SQL
