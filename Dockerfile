# The harness with all that it uses: Node.js, PostgreSQL's programs of several major versions (they dump, and are the disposable
# servers of the local engine), and the programs for copies, archives and keys. Its Docker is not needed, and no socket of it.
#
#   docker build --tag restore-rehearsal .
#   docker run --rm --read-only --tmpfs /tmp:mode=1777 --volume "$PWD:/work" --user "$(id -u)" restore-rehearsal rehearse
#
# BASE: any image of Debian with Node.js 20.19 or newer and npm.
ARG BASE=node:22-trixie-slim
FROM ${BASE}

# A release of Debian has one major version of PostgreSQL alone; PostgreSQL's own packages have the others. PGDG=no: Debian's
# alone, of this release and of the one before, which is PostgreSQL 17 and 15.
ARG PGDG=yes
ARG MAJORS="14 15 16 17 18"
ARG OLDER=bookworm
ARG OLDER_MAJOR=15
ARG MIRROR=http://deb.debian.org/debian
RUN set -eu; export DEBIAN_FRONTEND=noninteractive; \
  mkdir -p /etc/postgresql-common; \
  # The packages would otherwise make and start servers of their own.
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf; \
  if [ "$PGDG" != yes ]; then \
    echo "deb $MIRROR $OLDER main" >/etc/apt/sources.list.d/older.list; \
    # What both releases have is taken from the newer one.
    printf 'Package: *\nPin: release n=%s\nPin-Priority: 100\n' "$OLDER" >/etc/apt/preferences.d/older; \
  fi; \
  apt-get update -qq; \
  apt-get install -y -qq --no-install-recommends ca-certificates postgresql-common libnss-extrausers >/dev/null; \
  if [ "$PGDG" = yes ]; then \
    /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y; \
    servers=$(printf 'postgresql-%s ' $MAJORS); \
  else \
    servers="postgresql postgresql-$OLDER_MAJOR"; \
  fi; \
  apt-get install -y -qq --no-install-recommends $servers \
    rclone openssh-client age gnupg openssl zstd xz-utils bzip2 lz4 7zip zip unzip tini >/dev/null; \
  # An account that has a number alone gets a name in /tmp, for the rest is read-only: scripts/image/entrypoint.sh.
  sed -i 's/^passwd:.*/& extrausers/' /etc/nsswitch.conf; \
  rm -rf /var/lib/extrausers; \
  ln -s /tmp/extrausers /var/lib/extrausers; \
  rm -rf /var/lib/apt/lists/* /var/lib/postgresql/*

WORKDIR /opt/restore-rehearsal
COPY package.json package-lock.json .npmrc ./
# npm has been seen to end with status 0 where it has installed nothing.
RUN npm ci --omit=dev --ignore-scripts --no-fund --no-audit && test -d node_modules/vitest && npm cache clean --force
COPY . .
# What is compiled once here is not compiled at every start, where nothing of this may be written.
RUN node scripts/start.mjs doctor --help >/dev/null \
  && printf '#!/bin/sh\nexec node /opt/restore-rehearsal/scripts/start.mjs "$@"\n' >/usr/local/bin/restore-rehearsal \
  && chmod 755 /usr/local/bin/restore-rehearsal \
  && groupadd --gid 10001 rehearsal \
  && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home rehearsal \
  && install --directory --owner=rehearsal --group=rehearsal --mode=0755 /work

USER 10001:10001
# PostgreSQL, caches and copies of dumps are in memory or on a volume: /tmp is the only place that is written to, but /work.
ENV HOME=/tmp XDG_CACHE_HOME=/tmp/cache NODE_ENV=production
WORKDIR /work
VOLUME /work
HEALTHCHECK --interval=1h --timeout=2m --start-period=1m CMD ["restore-rehearsal", "doctor", "--engine", "local"]
# It waits for what is left of programs that have been ended.
ENTRYPOINT ["tini", "--", "/opt/restore-rehearsal/scripts/image/entrypoint.sh"]
CMD ["--help"]
