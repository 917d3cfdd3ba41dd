import { basename } from 'node:path';

/**
 * The database that a dump is most likely of, by the name of its file: `shop` for `shop_20260209T094803Z.dump`, `shop-2026-02-09.sql.gz`
 * and `shop.backup`. Null where the name says nothing else than when it was taken. Pure.
 */
export function databaseOfFile(file: string): string | null {
  const bare = basename(file).replace(endings, '').replace(stamp, '').replace(/^\.+/, '');
  return bare === '' || Buffer.byteLength(bare) > 63 || /^(?:template[01]|[\d_.:-]+)$/.test(bare) ? null : bare;
}

const endings =
  /(?:\.(?:dump|sql|psql|backup|bak|pgdump|custom|tar|dir|d|gz|tgz|zst|xz|bz2|lz4|lzma|z|zip|7z|age|gpg|asc|enc))+$/i;

/** A day, maybe with a time behind it. */
const stamp =
  /[._-]?(?:19|20)\d\d-?[01]\d-?[0-3]\d(?:[T_.-]?[0-2]\d[:._-]?[0-5]\d(?:[:._-]?[0-5]\d)?)?(?:Z|[+-]\d{4})?$/i;
