#!/bin/sh
# Of the image: PostgreSQL refuses to work for an account without a name, and `docker run --user` may bring any number.
# /var/lib/extrausers/passwd, where libnss-extrausers looks, leads to this file.
if ! getent passwd "$(id -u)" >/dev/null; then
  mkdir -p /tmp/extrausers &&
    printf 'rehearsal-%s:x:%s:%s::/tmp:/usr/sbin/nologin\n' "$(id -u)" "$(id -u)" "$(id -g)" >/tmp/extrausers/passwd ||
    echo "The account $(id -u) has no name, and /tmp cannot be written to: add --tmpfs /tmp:mode=1777." >&2
fi
exec restore-rehearsal "$@"
