import { readDump, type DumpFile } from '../../postgres/archive-input.ts';
import type { BackupFinding } from './backup-finding.ts';

/** Says which databases are in the output of pg_dumpall. */
export async function describeCluster(dump: DumpFile, finding: BackupFinding): Promise<BackupFinding> {
  const databases = await listDatabases(dump);
  const holds =
    databases.length === 0
      ? 'It holds no database: it was taken with --globals-only, --roles-only or --tablespaces-only, or cut.'
      : `It holds ${databases.length} (${databases.slice(0, 8).join(', ')}${databases.length > 8 ? ' …' : ''}).`;
  return { ...finding, message: `${finding.message} ${holds}` };
}

async function listDatabases(dump: DumpFile): Promise<string[]> {
  const databases: string[] = [];
  let rest = '';
  for await (const chunk of readDump(dump)) {
    const text = rest + chunk.toString('latin1');
    const end = text.lastIndexOf('\n') + 1;
    for (const [, name = ''] of text.slice(0, end).matchAll(/^-- Database "(.{1,63})" dump\r?$/gm)) {
      databases.push(Buffer.from(name, 'latin1').toString());
    }
    rest = text.slice(end).slice(-200);
  }
  return databases;
}
