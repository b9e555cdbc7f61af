import { z } from 'zod';
import { invalidInput } from '../../engine/errors.ts';
import type { TarEntry } from '../../engine/formats/tar.ts';
import { createTurns } from '../../engine/turns.ts';
import { piecesOf } from './ranges.ts';

/*
 * The second file of a backup lists all others in the form of `sha256sum`, so that a backup that any tar has unpacked can be checked without this
 * program. It needs no sum of its own: a byte of it that changed is another name or another hash than that of the file it stands for.
 */

export const sumsName = 'SHA256SUMS';

export const fileSumSchema = z.strictObject({
  name: z.string(),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type FileSum = z.output<typeof fileSumSchema>;

/** In pieces of many lines: a list of a hundred thousand files is made while other things go on. */
export const sumsText = async (files: readonly Pick<FileSum, 'name' | 'sha256'>[]): Promise<Buffer> => {
  const turn = createTurns();
  const lines: Buffer[] = [];
  for (const { name, sha256 } of files) {
    await turn();
    lines.push(Buffer.from(`${sha256}  ${name}\n`, 'utf8'));
  }
  return Buffer.concat(lines);
};

/** @throws WorkbenchError where it is no such list */
export const readSums = async (
  path: string,
  entry: TarEntry,
): Promise<Pick<FileSum, 'name' | 'sha256'>[]> => {
  const turn = createTurns();
  const found: Pick<FileSum, 'name' | 'sha256'>[] = [];
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const piece of piecesOf(path, entry)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      await turn();
      const [, sha256, name] = /^([0-9a-f]{64}) {2}(.+)$/s.exec(line) ?? [];
      if (name === undefined || sha256 === undefined)
        throw invalidInput(`${path}: is damaged: ${sumsName} has a line that is none of its own`);
      found.push({ name, sha256 });
    }
  }
  if (rest !== '') throw invalidInput(`${path}: is damaged: the last line of ${sumsName} is cut off`);
  return found;
};
