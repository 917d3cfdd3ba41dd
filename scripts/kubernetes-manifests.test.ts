import { execa } from 'execa';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { manifestDirectory, readManifests, type Manifest } from '../fixtures/testing/kubernetes/manifests.ts';
import { templateOf } from '../fixtures/testing/kubernetes/night.ts';
import { makeWorkspace } from '../fixtures/testing/workspace.ts';
import { readOptions } from '../src/commands/read-options.ts';
import { mergeCommand } from '../src/commands/merge.ts';
import { planCommand } from '../src/commands/plan.ts';
import { rehearseCommand } from '../src/commands/rehearse.ts';

/** Classes that hold an object against the API's schema of Kubernetes 1.32; where each is in the package, and its type. */
const models = { CronJob, NetworkPolicy, Namespace, PersistentVolumeClaim };
const modules: Record<keyof typeof models, string> = {
  CronJob: 'batch/v1/CronJob',
  NetworkPolicy: 'networking.k8s.io/v1/NetworkPolicy',
  Namespace: 'v1/Namespace',
  PersistentVolumeClaim: 'v1/PersistentVolumeClaim',
};

const { all, cronJob, networkPolicy } = await readManifests();

describe('the manifests', () => {
  test.each(all)('$kind $metadata.name is as the API has it', (manifest) => {
    expect(() => {
      validate(manifest);
    }).not.toThrow();
  });

  test('have no field that the API does not have, and it would be noticed', { timeout: 240_000 }, async () => {
    expect(await unknownFields(all)).toEqual([]);
    const misspelt = all.map(
      (each) => JSON.parse(JSON.stringify(each).replace('backoffLimitPerIndex', 'backofLimit')) as Manifest,
    );
    expect((await unknownFields(misspelt)).join()).toMatch(/backofLimit\W+ does not exist/);
  });

  test('of another kind of value would be noticed', () => {
    const wrong = JSON.parse(JSON.stringify(cronJob('drill')).replace('"FailIndex"', '"FailPod"')) as Manifest;
    expect(() => {
      validate(wrong);
    }).toThrow(/action/);
  });

  test('name every file of their directory', async () => {
    const text = await readFile(join(manifestDirectory, 'kustomization.yaml'), 'utf8');
    const unnamed = (await readdir(manifestDirectory)).filter((name) => !text.includes(` ${name}`));
    expect(unnamed).toEqual(['kustomization.yaml']);
  });

  test('are what kubectl makes of them', async ({ skip }) => {
    const made = await execa('kubectl', ['kustomize', manifestDirectory], { reject: false });
    if (made.code === 'ENOENT') skip('there is no kubectl here');
    const jobs = made.stdout.split('\n---\n').map((text) => parse(text) as Manifest);
    const theirs = jobs.find(({ kind, metadata }) => kind === 'CronJob' && metadata?.name === 'drill');
    const ours = stringify(cronJob('drill'));
    const asOurs = (text: string) => text.replaceAll('registry.example.org/restore-rehearsal:1', 'restore-rehearsal');
    expect((parse(asOurs(stringify(theirs))) as { spec: object }).spec).toEqual(
      JSON.parse(
        JSON.stringify((parse(ours) as { spec: object }).spec).replace(
          '"configMap":{"name":"profile"',
          `"configMap":{"name":"${nameOfConfigMap(theirs)}"`,
        ),
      ),
    );
  });
});

describe.each(['drill', 'merge'])('the pods of %s', (name) => {
  const template = templateOf({ all, cronJob, networkPolicy, configMaps: {} }, name);
  const { spec } = template;
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];

  test('are what "restricted" asks for, and more', () => {
    expect(spec?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(spec).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false });
    for (const { securityContext, resources } of containers) {
      expect(securityContext).toEqual({
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ['ALL'] },
      });
      expect(resources?.limits).toHaveProperty('memory');
    }
    expect(JSON.stringify(spec)).not.toMatch(/hostPath|hostNetwork|hostPID|hostIPC|privileged/);
  });

  test('have secrets as files that their group alone may read, and none in variables', () => {
    const secrets = spec?.volumes?.flatMap(({ secret }) => secret ?? []) ?? [];
    expect(secrets.map(({ defaultMode }) => defaultMode)).toEqual([0o440]);
    expect(JSON.stringify(containers)).not.toMatch(/secretKeyRef|envFrom/);
  });

  test('are those that a policy is about, which lets nobody in', () => {
    const policy = networkPolicy(name).spec;
    expect(template.metadata?.labels).toMatchObject(policy?.podSelector.matchLabels ?? { none: 'named' });
    expect(policy).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
    expect(policy).not.toHaveProperty('ingress');
  });
});

test('commands of the manifests have flags that there are', () => {
  const { spec } = templateOf({ all, cronJob, networkPolicy, configMaps: {} }, 'drill');
  for (const { args = [] } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
    const [command, ...flags] = args;
    if (command === 'plan') readOptions(planCommand, flags, {});
    else readOptions(rehearseCommand, flags, {});
  }
  const [merging] = templateOf({ all, cronJob, networkPolicy, configMaps: {} }, 'merge').spec?.containers ?? [];
  const [, line = ''] = /exec restore-rehearsal merge (.*)/.exec(merging?.command?.[2] ?? '') ?? [];
  expect(readOptions(mergeCommand, line.split(' '), {})?.options.within).toBe(20 * 3_600_000);
});

test('merging starts when all rehearsals are over', () => {
  const [minute = 0, hour = 0] = (cronJob('drill').spec?.schedule ?? '').split(' ').map(Number);
  const [later = 0, laterHour = 0] = (cronJob('merge').spec?.schedule ?? '').split(' ').map(Number);
  const seconds = cronJob('drill').spec?.jobTemplate.spec?.activeDeadlineSeconds ?? Infinity;
  expect((laterHour - hour) * 60 + later - minute).toBeGreaterThan(seconds / 60);
});

function validate(manifest: Manifest): void {
  const Model = models[manifest.kind as keyof typeof models] as new (data: object) => { validate: () => void };
  new Model(manifest).validate();
}

/** The schema lets pass what it does not name, as the API does: its types do not. */
async function unknownFields(manifests: Manifest[]): Promise<string[]> {
  const lines = manifests.map(({ kind, ...rest }, index) => {
    const path = join(manifestDirectory, '../../node_modules/kubernetes-models', modules[kind as keyof typeof modules]);
    const value = JSON.stringify({ ...rest, kind });
    return `import type { I${kind} as Type${index} } from ${JSON.stringify(path)};\nexport const value${index}: Type${index} = ${value};`;
  });
  const file = join(await makeWorkspace({ 'manifests.ts': lines.join('\n') }), 'manifests.ts');
  const program = ts.createProgram([file], {
    ...{ noEmit: true, skipLibCheck: true, types: [], lib: ['lib.es2020.d.ts'], strict: true },
    ...{ moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext },
  });
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function nameOfConfigMap(manifest: Manifest | undefined): string {
  return /"configMap":\{"name":"([^"]+)"/.exec(JSON.stringify(manifest))?.[1] ?? dirname('none');
}
