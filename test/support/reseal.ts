import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Gives a sealed folder whose files a test has changed the sums of what they hold now: as if it had been written so. */
export const reseal = (directory: string): void => {
  const path = join(directory, 'sums.json');
  const sums = JSON.parse(readFileSync(path, 'utf8')) as { files: Record<string, unknown>; seal: string };
  const files = Object.fromEntries(
    Object.keys(sums.files).map((name) => {
      const bytes = readFileSync(join(directory, name));
      return [name, { bytes: bytes.length, sha256: sha256(bytes) }];
    }),
  );
  writeFileSync(path, JSON.stringify({ ...sums, files, seal: sha256(JSON.stringify(files)) }));
};
