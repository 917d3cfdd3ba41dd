import { typedAnywhere } from '../../../terminal/suggest.ts';
import { addressOfRule, explainRule } from '../../rules/explain.ts';
import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';

/** What speaks against the backup, or is to be known of it, each with what to do. */
export function Findings({ findings }: Pick<Evidence, 'findings'>) {
  return findings.map(({ rule, severity, object, message, remedy, diff }) => (
    <article class={`finding ${severity}`}>
      <h3>
        <code>{rule}</code> <Badge state={severity} />
      </h3>
      <p class="object">
        <bdi>{object}</bdi>
      </p>
      <p class="message">{message}</p>
      {diff !== null && <Diff text={diff} />}
      <p>
        <strong>What to do:</strong> {remedy}
      </p>
      <About rule={rule} />
    </article>
  ));
}

/** What docs/findings.md says of the rule. The page is read where there is no docs/, so it has that itself. */
function About({ rule }: { rule: string }) {
  const text = explainRule(rule);
  const address = addressOfRule(rule);
  return (
    <details class="about">
      <summary>About {rule}</summary>
      {text !== null && (
        <p>
          {text.meaning} <strong>Where it comes from:</strong> {text.cause} <strong>In general:</strong> {text.remedy}
        </p>
      )}
      <p>
        {address === null ? <code>{typedAnywhere(`explain ${rule}`)}</code> : <a href={address}>{address}</a>} says it,
        too.
      </p>
    </details>
  );
}

/** A unified diff. Its lines keep their sign: colour alone says nothing. */
function Diff({ text }: { text: string }) {
  return (
    <pre class="diff" tabIndex={0} aria-label="Difference">
      {text.split('\n').map((line) => {
        const kind = line.startsWith('+') ? <ins>{line}</ins> : line.startsWith('-') ? <del>{line}</del> : line;
        return (
          <>
            {kind}
            {'\n'}
          </>
        );
      })}
    </pre>
  );
}
