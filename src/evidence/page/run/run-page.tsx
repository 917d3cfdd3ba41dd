import { titleOf } from '../../describe.ts';
import { isFleet } from '../../fleet.ts';
import { isSummary } from '../../night.ts';
import type { Evidence } from '../../schema.ts';
import { renderDocument } from '../document.tsx';
import { Section } from '../section.tsx';
import { readStyle } from '../style.ts';
import { Checks } from './checks.tsx';
import { Controls } from './controls.tsx';
import { Counts } from './counts.tsx';
import { Coverage } from './coverage.tsx';
import { Environment } from './environment.tsx';
import { Findings } from './findings.tsx';
import { Lead } from './lead.tsx';
import { NightRehearsals } from './night-rehearsals.tsx';
import { Recovery } from './recovery.tsx';
import { RowHashes } from './row-hashes.tsx';
import { SelfChallenge } from './self-challenge.tsx';
import { Steps } from './steps.tsx';
import { VerifyYourself } from './verify-yourself.tsx';

/** The evidence as a page. Pure. */
export function renderRunPage(evidence: Evidence, signedBy: string | null): string {
  const { rowHashes, selfChallenge, controls, counts, findings } = evidence;
  return renderDocument({
    title: `${evidence.verdict}: ${titleOf(evidence)}, ${evidence.startedAt}`,
    style: readStyle('page.css'),
    children: (
      <>
        <nav aria-label="History">
          <a href="../index.html">All rehearsals</a>
        </nav>
        <main>
          <Lead evidence={evidence} signedBy={signedBy} />
          {findings.length > 0 && (
            <Section id="findings" title="Findings">
              <Findings findings={findings} />
            </Section>
          )}
          {Object.keys(counts).length > 0 && (
            <Section id="counts" title="Row counts before and after">
              <Counts counts={counts} findings={findings} />
            </Section>
          )}
          {isSummary(evidence) ? (
            <Section id="rehearsals" title={isFleet(evidence) ? 'Databases' : 'Rehearsals of this night'}>
              <NightRehearsals evidence={evidence} />
            </Section>
          ) : (
            <Section id="recovery" title="Recovery time, phase by phase">
              <Recovery rto={evidence.objectives.rto} />
            </Section>
          )}
          <Section id="checks" title="Checks">
            <Checks checks={evidence.checks} />
          </Section>
          <Section id="coverage" title="What was checked, and what was not">
            <Coverage {...evidence.coverage} />
          </Section>
          {rowHashes !== null && (
            <Section id="rows" title="Rows, byte by byte">
              <RowHashes {...rowHashes} />
            </Section>
          )}
          {selfChallenge !== null && (
            <Section id="self-challenge" title="Self-challenge">
              <SelfChallenge {...selfChallenge} />
            </Section>
          )}
          <Section id="steps" title="Steps">
            <Steps steps={evidence.steps} />
          </Section>
          <Section id="environment" title="Environment">
            <Environment environment={evidence.environment} />
          </Section>
          {controls.length > 0 && (
            <Section id="controls" title="Controls">
              <Controls controls={controls} />
            </Section>
          )}
          <Section id="verify" title="Verify this yourself">
            <VerifyYourself evidence={evidence} signedBy={signedBy} />
          </Section>
        </main>
        <footer>
          Made of evidence.json by restore-rehearsal {evidence.environment.harness}. Nothing here is a row of data.
        </footer>
      </>
    ),
  });
}
