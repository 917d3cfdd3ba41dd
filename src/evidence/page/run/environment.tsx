import type { Evidence } from '../../schema.ts';
import { describeUnlike, settingsTitles } from '../../settings-from.ts';

/** Where it was rehearsed, and with what. */
export function Environment({ environment: all }: Pick<Evidence, 'environment'>) {
  const entries: [name: string, text: string | null][] = [
    [
      'Engine',
      all.engine === null ? 'none' : `${all.engine}${all.engineReason === null ? '' : ` (${all.engineReason})`}`,
    ],
    ['Image', all.image === null ? null : `${all.image}, ${all.imageDigest ?? 'digest unknown'}`],
    ['Server', `PostgreSQL ${all.serverVersion ?? 'unknown'}`],
    ['Tools', list(all.tools, ' ')],
    [settingsTitles[all.settingsFrom], list(all.settings, '=')],
    ['Unlike production', describeUnlike(all.unlikeProduction) || null],
    ['Isolation of the server', all.isolation.server],
    ['Isolation of the application', all.isolation.application],
    ['Harness', `restore-rehearsal ${all.harness}, Node.js ${all.node}, ${all.os}`],
  ];
  return (
    <dl class="facts">
      {entries
        .filter(([, text]) => text !== null)
        .map(([name, text]) => (
          <div>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
    </dl>
  );
}

function list(record: Record<string, string>, between: string): string | null {
  const entries = Object.entries(record).map(([name, value]) => `${name}${between}${value}`);
  return entries.length === 0 ? null : entries.join(', ');
}
