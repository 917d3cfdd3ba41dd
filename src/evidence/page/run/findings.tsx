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
    </article>
  ));
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
