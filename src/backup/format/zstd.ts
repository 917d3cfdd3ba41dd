import { archiveInput } from '../../postgres/archive-input.ts';
import { OperationalError } from '../../system/operational-error.ts';
import { runProgram } from '../../system/run-program.ts';
import type { Compression } from './compression.ts';
import { compressedCorrupt, compressedTruncated } from './compressed-findings.ts';

/** RFC 8878, by the program zstd: Node.js has no equal before version 22. Its checksum is looked at on the way. */
export const zstd: Compression<'zstd'> = {
  name: 'zstd',
  magic: '28b52ffd',
  async decompress(dump, store, { path, ...limits }) {
    const args = ['--decompress', '--stdout', '--quiet', '--no-progress'];
    const command = { file: 'zstd', args, env: { PATH: path }, consumeStdout: store, ...archiveInput(dump), ...limits };
    const { exitCode, stderr } = await runProgram(command).catch((error: unknown) => {
      if (!(error instanceof OperationalError) || error.code !== 'TOOL_NOT_STARTED') throw error;
      const message =
        'The dump is compressed with zstd, and there is no program zstd here. Install it: apt-get install zstd.';
      throw new OperationalError('TOOL_NOT_STARTED', message, { cause: error });
    });
    if (exitCode === 0) return null;
    return /premature|unexpected end|incomplete/i.test(stderr) ? compressedTruncated : compressedCorrupt;
  },
};
