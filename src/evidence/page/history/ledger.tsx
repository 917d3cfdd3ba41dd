import { typedAnywhere } from '../../../terminal/suggest.ts';
import { count } from '../../../terminal/count.ts';
import type { History } from '../../history/read-history.ts';
import { Commands } from '../run/commands.tsx';

/** Whether this is all there is, as far as a page can say. */
export function Ledger({ ledger, unreadable }: Pick<History, 'ledger' | 'unreadable'>) {
  return (
    <>
      {ledger === null ? (
        <p>There is no ledger here: nothing says whether runs were left out.</p>
      ) : (
        <p>
          {count(ledger.lines, 'line')} in the ledger; its head is <code class="hash">{ledger.head}</code>
        </p>
      )}
      {ledger !== null && ledger.problem !== null && (
        <p class="failure">
          <code>{ledger.problem.code}</code> {ledger.problem.message}
        </p>
      )}
      {unreadable.length > 0 && (
        <p class="failure">
          No evidence that can be read is in {unreadable.slice(0, 10).join(', ')}
          {unreadable.length > 10 && ` and ${unreadable.length - 10} more`}.
        </p>
      )}
      <p>Whether everything is as it was written, in this directory:</p>
      <Commands label="Verify the ledger" lines={[`${typedAnywhere('evidence verify')} .`]} />
    </>
  );
}
