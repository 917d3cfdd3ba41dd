import * as z from 'zod';
import type { ApplicationFact, ApplicationValue, Found, Project } from '../facts.ts';

const schema = z.object({ name: z.string().optional(), scripts: z.record(z.string(), z.string()).optional() });

/**
 * How the application starts, where package.json says it by a command without anything of a shell: a drill has none.
 * Which path says that it is healthy stands nowhere there.
 */
export async function lookAtPackage(project: Project): Promise<Found> {
  const text = await project.readText('package.json');
  const parsed = schema.safeParse(parse(text ?? ''));
  const start = parsed.data?.scripts?.['start'];
  if (text === null || start === undefined) return {};
  const from = `package.json:${text.slice(0, text.indexOf('"start"')).split('\n').length} (start)`;
  const command = start.split(/\s+/).filter((word) => word !== '');
  if (/[|&;<>()$`"'*?~]|^\w+=/.test(start)) {
    return { notes: [`${from} needs a shell ("${start}"), so it was not taken for the application: see app.command.`] };
  }
  const env: Record<string, ApplicationValue> = { DATABASE_URL: { kind: 'url', scheme: 'postgres' } };
  const application: ApplicationFact = {
    from,
    name: parsed.data?.name ?? 'application',
    start: { command },
    port: null,
    env,
    healthPath: null,
  };
  return { applications: [application] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
