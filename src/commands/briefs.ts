import type { ScriptName } from './choose-command.ts';

/** What each command does, in a line: for the help of them all, which must not wait until each is loaded. */
export const briefs: Readonly<Record<ScriptName, string>> = {
  init: 'look at what is here, and write a profile, a rehearsal and a nightly job',
  rehearse: 'restore a backup into a disposable server, compare, check, write evidence',
  plan: 'list the databases that are to be rehearsed, and what each takes',
  merge: 'one ledger and one verdict of the parts of a plan',
  backup: 'dump the profile’s database, with what it has to hold',
  offsite: 'copy backups off-host, and read each copy back',
  prune: 'delete what retention does not keep',
  restore: 'restore a real server beside what is there, switch, go back',
  evidence: 'make keys for evidence, verify it, list it, hand it on',
  nightly: 'backup, off-host copy, rehearsal and prune, in one',
  explain: 'say what a finding means, where it comes from, and what to do',
  doctor: 'say what works on this machine, and how to mend what does not',
};
