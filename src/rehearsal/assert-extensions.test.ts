import { expect, test } from 'vitest';
import { makeDrill } from '../../fixtures/testing/drills.ts';
import { describeMissing } from './assert-extensions.ts';

async function describeOf(server: Parameters<typeof describeMissing>[1]['server'], lacking: string[], backup: string) {
  const drill = await makeDrill({}, { backup });
  const text = describeMissing(drill, { server, lacking, extensions: ['hstore', ...lacking] });
  await drill.run.dispose();
  return text;
}

test('with Docker, an image that has all, and how to make one, as commands', async () => {
  const server = { engine: 'docker' as const, image: 'postgres:17-alpine', serverVersion: '17.5' };
  const text = await describeOf(server, ['postgis'], "/it's here/geo.dump");
  const lines = text.split('\n');
  expect(lines[0]).toMatch(/1 extension that the image postgres:17-alpine has not got: postgis\. Nothing was restored/);
  expect(lines.slice(1)).toEqual([
    '  With an image that has it:',
    expect.stringMatching(
      /docker pull postgis\/postgis:17-3\.5 && .*rehearse -- --backup \$'\/it\\'s here\/geo\.dump' --image postgis\/postgis:17-3\.5$/,
    ),
    '  With an image of your own:',
    expect.stringMatching(
      /printf 'FROM postgres:17\\n.*postgresql-17-postgis-3 .*\| docker build --tag rehearsal-postgres:17 - && /,
    ),
    '  And in the profile, for the next time:',
    "    postgres: { image: 'postgis/postgis:17-3.5' },",
  ]);
});

test('on this machine, the packages of all of them', async () => {
  const server = { engine: 'local' as const, image: null, serverVersion: '15.18 (Debian)' };
  const text = await describeOf(server, ['vector', 'pg_cron'], '/geo.dump');
  expect(text).toMatch(/2 extensions .*this machine.*: vector, pg_cron/);
  expect(text).toMatch(/apt-get install postgresql-15-pgvector postgresql-15-cron\n/);
  expect(text).not.toMatch(/docker pull/);
});
