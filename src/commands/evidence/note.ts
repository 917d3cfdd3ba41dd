import { typed } from '../../terminal/suggest.ts';
import { addNote, type Note } from '../../evidence/ledger/add-note.ts';
import { openSigner } from '../../evidence/sign/open-signer.ts';
import { readEnvironment } from '../../system/environment.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';
import { oneLine } from '../../terminal/one-line.ts';
import { printable } from '../../terminal/printable.ts';
import { defineCommand, type Options } from '../command.ts';
import { toggle, typedText } from '../flags.ts';
import { say, sayHeading } from '../say.ts';
import { findProfile, findReports, oneRun, reportsFlags } from './reports.ts';

export const flags = {
  by: typedText('NAME', 'who says it; it has to be given'),
  action: typedText('URL', 'the corrective action: the address of a ticket, or words'),
  text: typedText('TEXT', 'what else is to be said'),
  retest: typedText('ID', 'a later run that tested the action'),
  signOff: { ...toggle('the one who says it has reviewed the run, and stands for that'), onlyTyped: true as const },
  retire: {
    ...toggle('this database is not to be rehearsed this way any more; a later run takes it back'),
    onlyTyped: true as const,
  },
  ...reportsFlags,
};

/** Adds to the ledger what was done about a run, and by whom. */
export const noteCommand = defineCommand({
  name: 'evidence note',
  usage: 'ID --by NAME [flags]',
  about: [
    'Adds a note on a run to the ledger: the corrective action, its re-test, a review. Evidence itself never changes, and a note cannot be changed or removed unseen either; a mistake is put right by another note.',
  ],
  names: `the run: its id, the start of it, or its directory; ${typed('evidence list')} shows them`,
  flags,
  notes: [
    'Where there is a key, the note is signed with it: the one that evidence is signed with, or that of a reviewer in REHEARSAL_SIGNING_KEY_FILE. Without one, the name is nothing but a claim.',
  ],
  exitStatus: '0 noted, 2 not.',

  async run(options, names) {
    const about = oneRun(names, 'note');
    const note = { about, ...readNote(options) };
    const reports = await findReports(options, []);
    const loaded = await findProfile(options);
    const signer = await openSigner({
      profile: loaded?.profile.evidence.signing,
      environment: readEnvironment().signing,
      directory: loaded?.directory ?? process.cwd(),
    });
    const noted = await addNote(reports, note, signer);
    sayHeading('restore-rehearsal evidence note', `${nearby(reports)}\n`);
    console.log(`  noted on  ${printable(noted.run.directory)}, ${noted.run.verdict}, by ${oneLine(note.by)}`);
    console.log(`  signature ${noted.signedBy?.slice(0, 16) ?? 'none'}`);
    console.log(`  head      ${noted.end.head ?? ''}`);
    if (noted.signedBy === null) say('Not signed: nobody can tell who wrote it.');
    return 'done';
  },
});

const longest = 4000;

function readNote({ by, action, text, retest, signOff, retire }: Options<typeof flags>): Omit<Note, 'about'> {
  const said = { by: tidy(by), action: tidy(action), text: tidy(text), retest: tidy(retest) };
  const refuse = (problem: string) => {
    throw new OperationalError('BAD_USAGE', `${problem} Try: ${typed('evidence note')} --help`);
  };
  if (said.by === null) return refuse('Say who you are: --by NAME.');
  if (said.action === null && said.text === null && said.retest === null && !signOff && !retire) {
    return refuse('The note says nothing: give --action, --text, --retest, --sign-off or --retire.');
  }
  if (retire && said.text === null && said.action === null) return refuse('Say why it is retired: --text WHY.');
  const long = Object.entries(said).find(([, value]) => (value?.length ?? 0) > longest);
  if (long !== undefined)
    return refuse(`--${long[0]} has ${long[1]?.length ?? 0} characters; ${longest} are the most.`);
  return { ...said, by: said.by, signOff, retires: retire };
}

function tidy(text: string | null): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
