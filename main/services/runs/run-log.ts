import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolderForGroup, makePrivateFile } from '../../engine/formats/group-rights.ts';
import { plainLines } from '../../engine/plain-line.ts';
import { now } from '../shared/identifiers.ts';
import { runDirectoryOf } from './run-specification.ts';

/** What a log may grow to, in bytes; then its older half goes. */
export const mostLogBytes = 256 * 1024;

export interface RunLog {
  /** Never throws: a run goes on although a full disk keeps its log from being written. */
  readonly note: (line: string) => void;
}

const cutMark = '… older lines are gone';

/** What a trainer told of one run, a line each with its time: in the run's own folder, and gone with it. */
export const openRunLog = (dataDirectory: string, runId: string, most = mostLogBytes): RunLog => {
  const file = logFileOf(dataDirectory, runId);
  return {
    note: (line) => {
      try {
        if (!existsSync(dataDirectory)) return; // one that went away is not made anew by a log
        makeFolderForGroup(dirname(file));
        makePrivateFile(file);
        appendFileSync(file, `${now()} ${plainLines(line.trimEnd())}\n`);
        if (statSync(file).size > most) writeFileSync(file, newerHalf(readFileSync(file, 'utf8')));
      } catch {
        // What matters of a run is in the store; its log is not worth a run.
      }
    },
  };
};

/** Empty where nothing was written yet. */
export const readRunLog = (dataDirectory: string, runId: string): string => {
  const file = logFileOf(dataDirectory, runId);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

const logFileOf = (dataDirectory: string, runId: string): string =>
  join(runDirectoryOf(dataDirectory, runId), 'log.txt');

const newerHalf = (text: string): string => {
  const from = text.indexOf('\n', text.length / 2) + 1;
  return `${cutMark}\n${text.slice(from)}`;
};
