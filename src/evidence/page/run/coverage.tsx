import type { Evidence } from '../../schema.ts';
import { Badge } from '../badge.tsx';

/** Both in the same size: what was not checked is no small print. */
export function Coverage({ checked, notChecked }: Evidence['coverage']) {
  return (
    <div class="columns">
      <div>
        <h3>
          <Badge state="passed" text="Checked" />
        </h3>
        {checked.length === 0 ? (
          <p>Nothing.</p>
        ) : (
          <ul>
            {checked.map((what) => (
              <li>{what}</li>
            ))}
          </ul>
        )}
      </div>
      <div>
        <h3>
          <Badge state="not-run" text="Not checked" />
        </h3>
        {notChecked.length === 0 ? (
          <p>Nothing is named.</p>
        ) : (
          <ul>
            {notChecked.map(({ what, why }) => (
              <li>
                {what} <span class="why">({why})</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
