import { flags as ofBackup } from '../backup.ts';
import { toggle } from '../flags.ts';
import { flags as ofRehearse } from '../rehearse.ts';

const {
  config,
  engine,
  image,
  target,
  reports,
  fromOffsite,
  label,
  controls,
  timestamp,
  secondOracle,
  faithful,
  jobs,
  metrics,
  junit,
} = ofRehearse;
const { url, composeService, composeProject } = ofBackup;

/** Those of the stages, where they make sense without a person who looks on. */
export const flags = {
  quiet: toggle('say nothing where all is well, and everything where it is not: for cron and systemd'),
  config,
  url,
  composeService,
  composeProject,
  fromOffsite,
  engine,
  image,
  target,
  reports,
  label,
  controls,
  timestamp,
  secondOracle,
  faithful,
  jobs,
  metrics,
  junit,
};
