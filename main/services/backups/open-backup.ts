import { createHash } from 'node:crypto';
import { invalidInput } from '../../engine/errors.ts';
import { readTarEntries, type TarEntry } from '../../engine/formats/tar.ts';
import { createTurns } from '../../engine/turns.ts';
import { readSums, sumsName, type FileSum } from './file-sums.ts';
import { manifestName, parseManifest, type Manifest } from './manifest.ts';
import { damagedEntry, readRange } from './ranges.ts';

/** The first version had a line of each file in its manifest. */
const mostManifestBytes = 2 ** 28;

export interface OpenedBackup {
  readonly path: string;
  readonly manifest: Manifest;
  /** In the order in which they lie in it. */
  readonly entries: readonly (FileSum & TarEntry)[];
}

/**
 * Opens a backup and holds its list against what is in it. The contents are not read. However many files it has, the event loop turns.
 * @throws WorkbenchError naming the file and what is wrong with it
 */
export const openBackup = async (path: string): Promise<OpenedBackup> => {
  const [first, ...others] = await readTarEntries(path);
  if (first?.name !== manifestName || first.bytes > mostManifestBytes)
    throw invalidInput(`${path}: is no backup of NoRA Workbench: it does not begin with ${manifestName}`);
  const bytes = await readRange(path, first);
  const hasSums = others[0]?.name === sumsName;
  const sums = hasSums ? await readSums(path, others[0]!) : [];
  if (hasSums && (sums[0]?.name !== manifestName || sums[0].sha256 !== sha256Of(bytes)))
    throw damagedEntry(path, manifestName);
  const { manifest, listed } = parseManifest(path, bytes.toString('utf8'));
  const [wanted, found] = listed === undefined ? [sums.slice(1), others.slice(1)] : [listed, others];
  if ((listed === undefined && !hasSums) || wanted.length !== found.length) throw otherFiles(path);
  return { path, manifest, entries: await together(path, wanted, found) };
};

/** @throws WorkbenchError where what is listed is not what is there, or may not be restored */
const together = async (
  path: string,
  wanted: readonly (Pick<FileSum, 'name' | 'sha256'> & Partial<FileSum>)[],
  found: readonly TarEntry[],
): Promise<OpenedBackup['entries']> => {
  const turn = createTurns();
  const names = new Set<string>();
  const entries: (FileSum & TarEntry)[] = [];
  for (const [at, { name, sha256, bytes }] of wanted.entries()) {
    await turn();
    const entry = found[at]!;
    if (entry.name !== name || (bytes !== undefined && bytes !== entry.bytes)) throw otherFiles(path);
    if (!isConfined(name))
      throw invalidInput(`${path}: holds ${JSON.stringify(name)}, which would lie outside a data directory`);
    names.add(name.normalize('NFC').toLowerCase());
    if (names.size < at + 1) throw invalidInput(`${path}: holds two files of one name`);
    entries.push({ ...entry, sha256 });
  }
  return entries;
};

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const otherFiles = (path: string): Error =>
  invalidInput(`${path}: is damaged: its list names other files than there are`);

const allowedTops = ['workbench.sqlite', 'experiment.sqlite', 'runs', 'adapters', 'exports', 'templates'];

/** Confined to a data directory's own folders, on every system: no way up, no drive, no stream, no name that Windows reads otherwise. */
const isConfined = (name: string): boolean => {
  const parts = name.split('/');
  const isPlain = (part: string): boolean =>
    part !== '' && part !== '.' && part !== '..' && !/[\\:\x00-\x1f]|[. ]$/.test(part);
  return allowedTops.includes(parts[0]!) && parts.every(isPlain);
};
