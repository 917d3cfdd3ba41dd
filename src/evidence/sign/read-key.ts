import { typed } from '../../terminal/suggest.ts';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { OperationalError } from '../../system/operational-error.ts';
import { nearby } from '../../terminal/nearby.ts';

/** Far more than any key or certificate takes. */
const mostBytes = 256 * 1024;
const othersMayRead = 0o077;
/** Of a secret that Kubernetes mounts it is this: root's, and to be read by the group of the container, which no mode can change. */
const moreThanGroupMayRead = 0o037;

/**
 * Reads a private key that this account alone can read.
 * @throws OperationalError KEY_NOT_USABLE, which never quotes what it has read
 */
export async function readPrivateKey(file: string): Promise<KeyObject> {
  return parsePrivateKey(await readSmallFile(file, assertPrivate), nearby(file));
}

/**
 * @param text PEM (PKCS #8); of a variable, in which many a CI system has the line feeds as `\n`
 * @param origin names it in messages
 * @throws OperationalError KEY_NOT_USABLE, which never quotes the text
 */
export function parsePrivateKey(text: string, origin: string): KeyObject {
  const pem = text.includes('\n') ? text : text.replaceAll('\\n', '\n');
  if (pem.includes('ENCRYPTED')) {
    throw unusable(
      `${origin} has a passphrase, which nobody is there to type. Take it off: openssl pkey -in FILE -out FILE`,
    );
  }
  return parse(createPrivateKey, pem, `${origin} is no private key in PEM (PKCS #8)`, origin);
}

/** @throws OperationalError KEY_NOT_USABLE */
export async function readPublicKey(file: string): Promise<KeyObject> {
  const text = await readSmallFile(file);
  // Node.js makes a public key of a private one, too: that is not what is handed around.
  if (text.includes('PRIVATE')) throw unusable(`${nearby(file)} holds a private key; name the public one, FILE.pub`);
  return parse(createPublicKey, text, `${nearby(file)} is no public key in PEM`, nearby(file));
}

function parse(read: (pem: string) => KeyObject, pem: string, problem: string, origin: string): KeyObject {
  let key: KeyObject;
  try {
    key = read(pem);
  } catch {
    throw unusable(`${problem}. Make one: ${typed('evidence keygen')} --out FILE`);
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  const type = key.asymmetricKeyType ?? 'of another kind';
  throw unusable(
    `${origin} is a key of another kind (${type}); evidence is signed with Ed25519: ${typed('evidence keygen')} --out FILE`,
  );
}

/** Looks at what it has opened, whatever the name leads to by then. Nothing here waits for a pipe. */
export async function readSmallFile(
  file: string,
  examine: (file: string, stats: Stats) => void = () => undefined,
): Promise<string> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > mostBytes)
      throw unusable(`${nearby(file)} is no file that holds a key or certificate`);
    examine(file, stats);
    return await handle.readFile('utf8');
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw unusable(`${nearby(file)} cannot be read: ${reason}`, error);
  }
}

/** As PostgreSQL does it with keys of its own (ssl_key_file): a file of root may be one that its group reads. */
function assertPrivate(file: string, { mode, uid }: Stats): void {
  const isOfRoot = uid === 0 && process.getuid?.() !== 0;
  if ((mode & (isOfRoot ? moreThanGroupMayRead : othersMayRead)) === 0) return;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  throw unusable(
    `Other accounts may use the key ${nearby(file)} (mode ${shown}). Keep it to this one: chmod 600 ${nearby(file)}`,
  );
}

function unusable(problem: string, cause?: unknown): OperationalError {
  return new OperationalError('KEY_NOT_USABLE', `${problem}.`.replace(/\.\.$/, '.'), { cause });
}
