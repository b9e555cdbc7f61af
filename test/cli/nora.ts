import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../support/paths.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  /** A folder of its own, also the working directory and the place of temporary files. */
  readonly directory: string;
  /** Runs `nora` with these words to its end. */
  nora(...words: string[]): Promise<Ended>;
  /** The same with `--json`; fails where stdout is not exactly one JSON document. */
  noraJson(...words: string[]): Promise<{ code: number | null; document: any; stderr: string }>; // eslint-disable-line @typescript-eslint/no-explicit-any
  /** The same as nora, with this on standard input. */
  noraReading(input: string, ...words: string[]): Promise<Ended>;
  start(...words: string[]): Started;
  /** As start, with more in its environment. */
  startWith(more: Readonly<Record<string, string>>, ...words: string[]): Started;
  /** As start, at the head of a process group, as a terminal has it: what it starts is in it too. */
  startGroup(...words: string[]): Started;
  /** As start, on a terminal of its own, which is closed where the process is killed. Linux only. */
  startOnTerminal(...words: string[]): Started;
  /** As start, with the child's standard input open to write to. */
  startTyping(...words: string[]): Started;
  remove(): void;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once stdout or stderr holds it; rejects when the process ends first. */
  said(pattern: RegExp): Promise<void>;
}

/** `nora` as a real process on a data directory of its own. */
export const createCommandLine = (): CommandLine => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-cli-'));
  const { NORA_TOKEN: _token, ...inherited } = process.env;
  const environment = {
    ...inherited,
    NORA_DATA_DIR: join(directory, 'data'),
    TMPDIR: directory,
    TEMP: directory,
  };

  const program = join(root, 'main/cli/nora.ts');
  const begin = (
    words: string[],
    stdin: 'ignore' | 'pipe',
    { more = {}, detached = false }: { more?: Readonly<Record<string, string>>; detached?: boolean } = {},
  ): Started =>
    follow(
      spawn(process.execPath, [program, ...words], {
        cwd: directory,
        env: { ...environment, ...more },
        stdio: [stdin, 'pipe', 'pipe'],
        detached,
      }),
    );
  const follow = (child: ChildProcess): Started => {
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name]!.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
    const said = async (pattern: RegExp): Promise<void> => {
      const isSaid = (): boolean => pattern.test(output.stdout) || pattern.test(output.stderr);
      while (!isSaid()) {
        const over = await Promise.race([ended, once(child.stderr!, 'data'), once(child.stdout!, 'data')]);
        if ('code' in over && !isSaid())
          throw new Error(`nora ended without saying ${pattern}: ${JSON.stringify(over)}`);
      }
    };
    return { child, ended, said };
  };
  const start = (...words: string[]): Started => begin(words, 'ignore');
  const nora = (...words: string[]): Promise<Ended> => start(...words).ended;

  return {
    directory,
    nora,
    start,
    startWith: (more, ...words) => begin(words, 'ignore', { more }),
    startGroup: (...words) => begin(words, 'ignore', { detached: true }),
    startOnTerminal: (...words) => {
      const command = ['exec', process.execPath, program, ...words].map((word) => `'${word}'`).join(' ');
      return follow(
        spawn('script', ['--quiet', '--flush', '--command', command.replace("'exec'", 'exec'), '/dev/null'], {
          cwd: directory,
          env: { ...environment, SHELL: '/bin/sh' },
          stdio: ['pipe', 'pipe', 'pipe'],
        }),
      );
    },
    startTyping: (...words) => begin(words, 'pipe'),
    noraReading: (input, ...words) => {
      const { child, ended } = begin(words, 'pipe');
      child.stdin!.end(input);
      return ended;
    },
    async noraJson(...words) {
      const { code, stdout, stderr } = await nora(...words, '--json');
      return { code, document: JSON.parse(stdout), stderr };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};
