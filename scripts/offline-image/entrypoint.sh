#!/bin/sh
# Starts PostgreSQL as the official image's entrypoint does, as far as a rehearsal needs it:
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and PGDATA are honoured, further arguments go to the server.
set -eu

bindir=$(echo /usr/lib/postgresql/*/bin)
export PATH="$bindir:$PATH"
: "${PGDATA:=/var/lib/postgresql/data}" "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}"

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown postgres:postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD must be set}"
  passwordfile=$(mktemp)
  printf '%s' "$POSTGRES_PASSWORD" >"$passwordfile"
  initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile="$passwordfile" \
    --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 --no-sync
  rm -f "$passwordfile"
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  if [ "$POSTGRES_DB" != postgres ]; then
    # Single-user mode: no server that a client could take for the real one is ever reachable.
    printf 'create database "%s"\n' "$POSTGRES_DB" | postgres --single -D "$PGDATA" postgres >/dev/null
  fi
fi

[ "${1:-}" = postgres ] && shift
exec postgres -D "$PGDATA" -c listen_addresses='*' "$@"
