import { stringify } from 'yaml';
import type { Plan } from '../plan.ts';

/** A file of a CI system, and what its owner still has to do. */
export interface Workflow {
  file: string;
  content: string;
  next: string[];
}

/** The nightly job of a CI system: it has no part in the machine that backups lie on, so it reads the source, or the copies off-host. Pure. */
export function renderWorkflow(plan: Plan, profile: string, version: string): Workflow | null {
  if (plan.ci === null) return null;
  const { args, ...job } = whatIsRehearsed(plan);
  const command = [
    'npx',
    '--yes',
    `restore-rehearsal@${version}`,
    'rehearse',
    'latest-backup',
    '--config',
    quoted(profile),
    ...args,
  ].join(' ');
  return plan.ci === 'github' ? github(command, job) : gitlab(command, job);
}

interface Job {
  args: string[];
  /** Variables, and the secrets that they come from. */
  env: Record<string, string>;
  needsRclone?: boolean;
  next: string[];
}

function whatIsRehearsed({ source }: Plan): Job {
  if (source?.kind === 'variable') {
    return {
      args: [],
      env: { REHEARSAL_SOURCE: source.variable },
      next: [`Store the secret ${source.variable}: the address of the database, as your CI reaches it.`],
    };
  }
  if (source?.kind === 'url')
    return {
      args: ['--source', quoted(source.url)],
      env: { PGPASSWORD: 'PGPASSWORD' },
      next: ['Store the secret PGPASSWORD: the password of the database.'],
    };
  const keys = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION'];
  return {
    args: [],
    env: Object.fromEntries(['REHEARSAL_BACKUP', ...keys].map((name) => [name, name])),
    needsRclone: true,
    next: [
      'The CI does not see the backups of this machine. Store the secret REHEARSAL_BACKUP: where copies of them are, as s3://BUCKET/PATH, REMOTE:PATH of rclone or an https:// address. The newest is taken.',
      `Store what reads them: ${keys.join(', ')}; for another remote of rclone, its variables (RCLONE_CONFIG_…) in their place.`,
    ],
  };
}

const installRclone = {
  name: 'Install rclone',
  run: 'sudo apt-get update -qq && sudo apt-get install -y -qq --no-install-recommends rclone',
};

const heading =
  '# Rehearses the restore of the newest backup every night. Written by init of restore-rehearsal; it is yours to change.\n';

function github(command: string, { env, needsRclone = false, next }: Omit<Job, 'args'>): Workflow {
  const secrets = Object.fromEntries(Object.entries(env).map(([name, secret]) => [name, `\${{ secrets.${secret} }}`]));
  const steps = [
    { uses: 'actions/checkout@v4', with: { 'persist-credentials': false } },
    { uses: 'actions/setup-node@v4', with: { 'node-version': 22 } },
    ...(needsRclone ? [installRclone] : []),
    { name: 'Rehearse', run: command, env: secrets },
    {
      name: 'Keep the evidence, above all of a drill that failed',
      if: 'always()',
      uses: 'actions/upload-artifact@v4',
      with: { name: 'restore-evidence', path: 'reports/', 'if-no-files-found': 'error', 'retention-days': 90 },
    },
  ];
  const workflow = {
    name: 'restore drill',
    on: { schedule: [{ cron: '17 3 * * *' }], workflow_dispatch: null },
    permissions: { contents: 'read' },
    concurrency: { group: 'restore-drill' },
    jobs: { rehearse: { 'runs-on': 'ubuntu-latest', 'timeout-minutes': 60, steps } },
  };
  return { file: '.github/workflows/restore-drill.yml', content: heading + stringify(workflow, style), next };
}

function gitlab(command: string, { env, next }: Omit<Job, 'args'>): Workflow {
  const file = '.gitlab/restore-drill.gitlab-ci.yml';
  const job = {
    'restore-drill': {
      image: 'node:22-bookworm',
      rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule"' }],
      before_script: ['apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql rclone'],
      script: [command],
      ...(Object.keys(env).length > 0 && {
        variables: Object.fromEntries(
          Object.entries(env)
            .filter(([name, secret]) => name !== secret)
            .map(([name, secret]) => [name, `$${secret}`]),
        ),
      }),
      artifacts: { when: 'always', paths: ['reports/'], expire_in: '90 days' },
    },
  };
  const include = `Add to .gitlab-ci.yml:  include: [{ local: ${file} }]  and make a schedule (Build, Pipeline schedules).`;
  return { file, content: heading + stringify(job, style), next: [include, ...next] };
}

const style = { lineWidth: 0, nullStr: '' };

/** For a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
