import { describeSignature, factsOf, repeatsFindings, sentenceOf, titleOf } from '../../describe.ts';
import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';
import { Figures } from './figures.tsx';

/** What a reader in a hurry takes along: what came of which backup of which database, when, in how long, by whom. */
export function Lead({ evidence, signedBy }: { evidence: Evidence; signedBy: string | null }) {
  const facts = factsOf(evidence).filter(([name]) => !['RTO', 'RPO'].includes(name));
  return (
    <header>
      <p class="kind">Restore rehearsal</p>
      <h1>
        <bdi>{titleOf(evidence)}</bdi>
      </h1>
      <p class="verdict">
        <Badge state={evidence.verdict} />
      </p>
      <p class="sentence">{sentenceOf(evidence)}</p>
      <Failure {...evidence} />
      <Figures {...evidence} />
      <dl class="facts">
        {[...facts, ['Signature', describeSignature(signedBy)]].map(([name, text]) => (
          <div>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

/** The first step that failed, in its own words. */
function Failure({ steps, findings }: Pick<Evidence, 'steps' | 'findings'>) {
  const failed = steps.find(({ error }) => error !== null);
  if (failed?.error === undefined || failed.error === null || repeatsFindings(failed.error, findings)) return null;
  return (
    <div class="failure">
      <p>
        <strong>{failed.name}</strong> failed: <code>{failed.error.code}</code>
      </p>
      <p class="message">{failed.error.message}</p>
    </div>
  );
}
