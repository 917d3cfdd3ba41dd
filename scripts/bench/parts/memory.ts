import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bookingsSql } from '../data.ts';
import { runOurCommand, withReports } from '../our-command.ts';
import { watchResidentSize } from '../resident-size.ts';
import { rowOf } from '../row.ts';
import { describeBookings, type Part } from './part.ts';

const few = 5000;

/** The largest Node.js process of a whole rehearsal, with many rows and with few. */
export const memory: Part = async ({ bookings, engine, image }, give) => {
  const peakWith = (rows: number) => withReports((directory) => peak(directory, rows, engine, image));
  const small = await peakWith(few);
  const large = await peakWith(bookings);
  const name = `peak memory of the largest Node.js process, ${describeBookings(bookings)}`;
  give(rowOf([large], { name, target: 160, unit: 'MB', how: 'one whole rehearsal' }));
  const how = `one whole rehearsal each; ${small.toFixed(0)} MB against ${large.toFixed(0)} MB`;
  give(rowOf([large / small], { name: `the same against ${describeBookings(few)}`, target: 1.05, unit: '×', how }));
};

async function peak(directory: string, rows: number, engine: string, image: string): Promise<number> {
  const profile = join(directory, 'profile.mjs');
  await writeFile(join(directory, 'seed.sql'), await bookingsSql(rows));
  const content = {
    name: 'bench',
    database: { name: 'haircuttgbot', owner: 'haircuttgbot' },
    seed: ['seed.sql'],
    objectives: { rto: '24h' },
  };
  await writeFile(profile, `export default ${JSON.stringify(content)};`);
  let stop = () => 0;
  const args = ['rehearse', 'clean-state', '--config', profile, '--engine', engine, '--image', image];
  await runOurCommand([...args, '--reports', join(directory, 'reports')], (pid) => {
    stop = watchResidentSize(pid);
  });
  return stop();
}
