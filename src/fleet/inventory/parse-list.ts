import { isPlain } from '../../config/merge-profile.ts';
import { OperationalError } from '../../system/operational-error.ts';

/**
 * A list in JSON or YAML; `{ "databases": […] }` is one, too.
 * @throws OperationalError PROFILE_INVALID
 */
export async function parseList(text: string, from: string): Promise<unknown> {
  const { parse } = await import('../../system/yaml.ts');
  try {
    const value: unknown = parse(text, { maxAliasCount: 100 });
    return isPlain(value) && Object.keys(value).length === 1 ? (value['databases'] ?? value) : value;
  } catch (error) {
    // What it quotes may be a secret.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const message = `The list of databases in ${from} is neither JSON nor YAML: ${reason}`;
    throw new OperationalError('PROFILE_INVALID', message, { cause: error });
  }
}
