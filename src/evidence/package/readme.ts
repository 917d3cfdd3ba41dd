import { count } from '../../terminal/count.ts';
import { escape } from '../sinks/markdown-text.ts';
import type { LedgerProblem } from '../ledger/problem.ts';
import { describePeriod, type Period } from '../period.ts';
import { typedAnywhere } from '../../terminal/suggest.ts';

/** What the README of a package speaks of. */
export interface PackageFacts {
  period: Period;
  runs: number;
  lines: number;
  head: string | null;
  /** What is wrong with the directory that it was made from. */
  problem: LedgerProblem | null;
  /** The fingerprints of the keys that the evidence says it is signed with. */
  claimedKeys: string[];
  /** That of the key in the package. */
  publicKey: string | null;
  secondVerifier: boolean;
  /** Why there is no PDF. */
  noPdf: string | null;
}

/** For the auditor: what is in it, and how to check it. Pure. */
export function renderReadme(facts: PackageFacts): string {
  const { period, runs, lines, head, problem } = facts;
  const key = facts.publicKey !== null && facts.claimedKeys.includes(facts.publicKey) ? ' --key evidence.key.pub' : '';
  const [from, to] = [period.from.toISOString(), period.to.toISOString()];
  return `# Evidence of restore rehearsals, ${describePeriod(period)}

${describeProblem(problem)}${count(runs, 'run')} started in this time; the end of it is not in it. Start with \`coverage.md\`: which databases were rehearsed how
often, with gaps, and what was never checked.

| what                    | is                                                                                             |
| ----------------------- | ---------------------------------------------------------------------------------------------- |
| \`coverage.md\`, \`.json\` | what was rehearsed, and what was not                                                           |
${facts.noPdf === null ? '| `coverage.pdf` | the same, to print |\n' : ''}| \`evidence/ledger.jsonl\` | the whole ledger: a line for each run and note, each with the hash of the line before          |
| \`evidence/…Z-NAME/\`     | the evidence of each run of the time; \`*.intoto.json\` are its signatures, as Sigstore bundles  |
| \`FORMAT.md\`             | which bytes are hashed and signed, for whoever writes a verifier of their own                  |
| \`evidence.schema.json\`  | the JSON Schema of \`evidence.json\`                                                             |
${facts.publicKey === null ? '' : '| `evidence.key.pub` | the public key |\n'}${facts.secondVerifier ? '| `verify-evidence.py` | a second verifier, which shares no code with the first |\n' : ''}
The ledger is here whole, with ${count(lines, 'line')}, and not only the lines of the time: so its chain can be followed from the first line to
the last, no line can have been left out, and any head that you were given earlier has to be one of its lines. Of runs outside the
time there is the line, and no evidence.

${facts.noPdf === null ? '' : `There is no PDF: ${escape(facts.noPdf)}.\n\n`}## Check it

The chain, every file, and whether a run of the time is missing:

\`\`\`sh
${typedAnywhere('evidence verify evidence')} --from ${from} --to ${to}${key}${head === null ? '' : ` \\\n  --expect-head ${head}`}
\`\`\`

The head is that of the day on which this was made. Better is one that you were given by somebody else, or that a CI run has printed:
it proves that the end was not cut off.
${facts.secondVerifier ? `\nWith the second verifier, which takes Python 3 and openssl; the public key is given with --key FILE:\n\n\`\`\`sh\npython3 verify-evidence.py evidence --from ${from} --to ${to}${key}\n\`\`\`\n` : ''}
By hand: the SHA-256 of each line without its line feed is \`previous\` in the next, and \`files\` has the SHA-256 of every file.

\`\`\`sh
sed -n 1p evidence/ledger.jsonl | tr -d '\\n' | sha256sum   # is "previous" of line 2
sha256sum evidence/*/evidence.json                         # each is in "files" of its line
\`\`\`

## Signatures

${describeKeys(facts)}
`;
}

function describeProblem(problem: LedgerProblem | null): string {
  if (problem === null) return '';
  return `**What this was made from is not as it was written: ${escape(problem.code)}.** ${escape(problem.message)} It was packed all the same, as it is.\n\n`;
}

function describeKeys({ claimedKeys, publicKey }: PackageFacts): string {
  const list = claimedKeys.map((key) => `- \`${key}\``).join('\n');
  const signed =
    claimedKeys.length === 0
      ? 'Nothing in it is signed: the chain says what was changed since, and not who wrote it.'
      : `Bundles and notes say that they were signed with the keys of these fingerprints:\n\n${list}`;
  const own =
    publicKey === null
      ? 'No public key is in this package; ask for those that you need.'
      : `\`evidence.key.pub\` has the fingerprint \`${publicKey}\`. A key that comes with what it signs proves nothing: compare the fingerprint with one that you have from elsewhere.`;
  return `${signed}\n\n${own} FORMAT.md says how bundles are signed, and openssl and cosign verify them, too.`;
}
