#!/bin/bash
# Starts PostgreSQL as its own image does: a database, a user and a password, made at the first start.
set -euo pipefail

data=/var/lib/postgresql/data
mkdir -p "${data}"
chown postgres "${data}"
chmod 700 "${data}"
as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
if [ ! -s "${data}/PG_VERSION" ]; then
    echo "${POSTGRES_PASSWORD}" >/tmp/password
    as_postgres initdb --pgdata "${data}" --username "${POSTGRES_USER}" --auth scram-sha-256 \
        --pwfile /tmp/password >/dev/null
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"${data}/pg_hba.conf"
    echo "CREATE DATABASE \"${POSTGRES_DB}\"" | as_postgres postgres --single -D "${data}" postgres >/dev/null
fi
exec setpriv --reuid postgres --regid postgres --clear-groups postgres -D "${data}" -c listen_addresses='*' \
    -c unix_socket_directories=/tmp
