import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unfinishedOf } from '../../engine/formats/atomic-file.ts';
import type { Store } from '../../store/store.ts';
import { isOfRunLock } from '../../trainer/run/run-lock.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';

/** A file that goes along, and where it lies now. */
export interface Source {
  /** In the backup: below the data directory, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** What of a data directory is a person's work. The rest is made again, or is of this machine. */
const folders = ['runs', 'adapters', 'exports', 'templates'];

/** Every file beside the library that is saved: of everything, or of one experiment's runs. */
export async function* sourcesIn(
  { store, dataDirectory }: { readonly store: Store; readonly dataDirectory: string },
  experimentId: string | undefined,
): AsyncGenerator<Source> {
  if (experimentId === undefined) {
    for (const folder of folders) yield* filesIn(join(dataDirectory, folder), folder);
    return;
  }
  for (const { id } of store.runs.ofExperiment(experimentId))
    yield* filesIn(runDirectoryOf(dataDirectory, id), `runs/${id}`);
}

/** Regular files, sorted; what was begun and never finished stays behind, and so do links and runs' locks. */
async function* filesIn(directory: string, name: string): AsyncGenerator<Source> {
  if (!existsSync(directory)) return;
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (unfinishedOf(entry.name) !== undefined || isOfRunLock(entry.name)) continue;
    const [path, inner] = [join(directory, entry.name), `${name}/${entry.name}`];
    if (entry.isDirectory()) yield* filesIn(path, inner);
    else if (entry.isFile()) yield { name: inner, path, bytes: (await stat(path)).size };
  }
}
