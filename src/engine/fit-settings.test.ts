import { expect, test } from 'vitest';
import { fitSettings } from './fit-settings.ts';

const gigabyte = 1024 ** 3;

test('settings of another server are taken as they are where they fit', () => {
  const recorded = { fsync: 'on', shared_buffers: '1GB', maintenance_work_mem: '64MB', max_wal_size: '100GB' };
  expect(fitSettings(recorded, 8 * gigabyte)).toEqual({ settings: recorded, lowered: [] });
});

test('what takes more memory than there is is lowered, and said', () => {
  const recorded = { shared_buffers: '64GB', maintenance_work_mem: '2097152kB', wal_buffers: '-1' };
  expect(fitSettings(recorded, 8 * gigabyte)).toEqual({
    settings: { shared_buffers: '3276MB', maintenance_work_mem: '819MB', wal_buffers: '-1' },
    lowered: [
      'shared_buffers from 64GB to 3276MB, for this machine has 8192 MB of memory',
      'maintenance_work_mem from 2097152kB to 819MB, for this machine has 8192 MB of memory',
    ],
  });
});

test('a manifest brings no other setting, and no value that a server would not show', () => {
  const hostile = {
    archive_command: 'touch /tmp/x',
    shared_preload_libraries: 'evil',
    fsync: 'on -c archive_mode=on',
    wal_level: '$(reboot)',
    synchronous_commit: "on'\n",
    max_wal_size: '1GB',
  };
  expect(fitSettings(hostile, gigabyte)).toEqual({ settings: { max_wal_size: '1GB' }, lowered: [] });
});
