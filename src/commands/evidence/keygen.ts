import { typed } from '../../terminal/suggest.ts';
import { generateKey } from '../../evidence/sign/generate-key.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';
import { defineCommand } from '../command.ts';
import { typedPath } from '../flags.ts';
import { say, sayHeading } from '../say.ts';

export const flags = {
  out: typedPath('FILE', 'where the private key goes; the public one goes to FILE.pub'),
};

/** Makes a key to sign evidence with. */
export const keygenCommand = defineCommand({
  name: 'evidence keygen',
  usage: '--out FILE',
  about: [
    'Makes an Ed25519 key to sign evidence with. The private key (PKCS #8, PEM) can be read by this account alone; hand the public one to whoever is to verify evidence. Nothing is overwritten.',
  ],
  flags,
  notes: [],
  exitStatus: '0 made, 2 not.',

  async run({ out }) {
    if (out === null) {
      throw new OperationalError('BAD_USAGE', `Say where the key goes: ${typed('evidence keygen')} --out FILE`);
    }
    const { privateFile, publicFile, fingerprint } = await generateKey(out);
    sayHeading('restore-rehearsal evidence keygen', '\n');
    console.log(`  private key  ${nearby(privateFile)}`);
    console.log(`  public key   ${nearby(publicFile)}`);
    console.log(`  fingerprint  ${fingerprint}`);
    say(
      'Keep the fingerprint where whoever writes reports cannot change it. Sign with it: evidence.signing.key in the',
    );
    say('profile, or the variable REHEARSAL_SIGNING_KEY_FILE.');
    return 'done';
  },
});
