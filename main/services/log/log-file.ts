import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolderForGroup, makePrivateFile } from '../../engine/formats/group-rights.ts';
import { logLineSchema, type Log, type LogLine } from './log-schema.ts';
import { defectText, logText } from './log-text.ts';

export interface WorkbenchLog {
  /** Written at once. A disk that takes nothing more keeps nobody from working. */
  readonly write: (level: LogLine['level'], text: string) => void;
  readonly defect: (error: unknown) => void;
  readonly read: () => Log;
}

export interface LogOptions {
  readonly now?: () => Date;
  /** Whether what is there is only shown. */
  readonly readOnly?: boolean;
  /** Of one file, before the next is begun; 512 KiB otherwise. */
  readonly mostBytes?: number;
}

const usualBytes = 512 * 1024;
/** The newest and those before it: the log never takes more than so many files of the most bytes. */
export const logFiles = 4;
const mostLines = 1000;

const levels: Readonly<Record<string, LogLine['level']>> = {
  info: 'info',
  warning: 'warning',
  error: 'error',
};

/** What happened in the workbench itself, in a folder of the data directory: `workbench.log`, before it `workbench.1.log`, and so on. */
export const createLog = (
  directory: string,
  { now = () => new Date(), readOnly = false, mostBytes = usualBytes }: LogOptions = {},
): WorkbenchLog => {
  const file = (age: number): string => join(directory, age === 0 ? 'workbench.log' : `workbench.${age}.log`);

  const rotate = (more: number): void => {
    const size = statSync(file(0), { throwIfNoEntry: false })?.size ?? 0;
    if (size + more <= mostBytes) return;
    rmSync(file(logFiles - 1), { force: true });
    for (let age = logFiles - 2; age >= 0; age -= 1)
      if (existsSync(file(age))) renameSync(file(age), file(age + 1));
  };

  const append = (line: string): void => {
    if (!existsSync(dirname(directory))) return; // a data directory that went away is not made anew by its log
    makeFolderForGroup(directory, 0o700);
    rotate(Buffer.byteLength(line));
    makePrivateFile(file(0));
    appendFileSync(file(0), line);
  };

  const write: WorkbenchLog['write'] = (level, text) => {
    if (readOnly) return;
    try {
      append(`${now().toISOString()} ${level} ${logText(text)}\n`);
    } catch {
      // Nothing is worth less than the log.
    }
  };

  const linesOf = (age: number): LogLine[] => {
    try {
      return readFileSync(file(age), 'utf8').split('\n').flatMap(readLine);
    } catch {
      return [];
    }
  };

  return {
    write,
    defect: (error) => write('error', defectText(error)),
    read: () => ({
      file: file(0),
      lines: Array.from({ length: logFiles }, (_, newer) => linesOf(logFiles - 1 - newer))
        .flat()
        .slice(-mostLines),
    }),
  };
};

/** None of a line that was cut off. */
const readLine = (line: string): LogLine[] => {
  const [at = '', word = '', ...words] = line.split(' ');
  const { data } = logLineSchema.safeParse({ at, level: levels[word], text: words.join(' ') });
  return data === undefined || Number.isNaN(Date.parse(at)) ? [] : [data];
};
