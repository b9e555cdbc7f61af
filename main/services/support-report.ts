import { cpus, freemem, homedir, release, totalmem, type } from 'node:os';
import type { Store } from '../store/store.ts';
import type { Doctor } from './shared/entities.ts';
import type { Storage } from './storage/storage-schema.ts';

interface Facts {
  readonly doctor: Doctor;
  readonly storage: Storage;
  readonly store: Store;
  /** As the person would write it; left out of the report. */
  readonly home?: string;
}

const mostFailures = 20;

/**
 * What somebody who helps has to know, as Markdown that the person reads before they share it: the machine, the checks, what is stored and
 * how runs failed. No names, texts, prompts or weights; the home folder is written `~`.
 */
export const supportReport = ({ doctor, storage, store, home = homedir() }: Facts): string => {
  const text = [
    `# NoRA Workbench ${doctor.version}`,
    'Holds no names of experiments, no texts and no weights. Messages of errors may name files; the home folder is written ~.',
    '## Machine',
    list([
      `${type()} ${release()}, ${process.platform} ${process.arch}`,
      `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
      `${sizeText(totalmem())} of memory, ${sizeText(freemem())} free`,
    ]),
    '## Checks',
    list(doctor.checks.map(({ name, status, detail }) => `${name}: ${status}, ${detail}`)),
    '## Data directory',
    list([
      `${storage.directory}, ${sizeText(storage.freeBytes)} free`,
      ...storage.parts.map(({ name, files, bytes }) => `${name}: ${files} files, ${sizeText(bytes)}`),
    ]),
    '## Runs that failed',
    failuresOf(store),
  ].join('\n\n');
  // A home of `/`, as in some containers, stands in every path.
  return `${home.length > 1 ? text.replaceAll(home, '~') : text}\n`;
};

const list = (lines: readonly string[]): string =>
  lines.map((line) => `- ${line.replaceAll('\n', ' ')}`).join('\n');

const failuresOf = (store: Store): string => {
  const ids = store.runs.withStatus(['failed', 'interrupted']).slice(-mostFailures).toReversed();
  if (ids.length === 0) return 'None.';
  return list(
    ids.map((id) => {
      const run = store.runs.find(id)!;
      const { method } = (run.configuration as { adapter: { method: string } }).adapter;
      const place =
        run.steps === null || run.step === 0
          ? 'before its first step'
          : `at step ${run.step} of ${run.steps}`;
      return `${method}, ${run.status} ${place}: ${run.error ?? 'no reason is known'}`;
    }),
  );
};

const sizeText = (bytes: number): string =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
