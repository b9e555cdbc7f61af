import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../support/paths.ts';

export interface RealWorkbench {
  /** The address that logs a browser in. */
  loginUrl: string;
  /** Ends it as Ctrl-C would. */
  stop(): Promise<void>;
}

/** `nora serve` as a person starts it, on a port of its own. */
export const startRealWorkbench = async (dataDirectory: string): Promise<RealWorkbench> => {
  const command = [
    join(root, 'main/cli/nora.ts'),
    'serve',
    '--port',
    '0',
    '--data-dir',
    dataDirectory,
    '--json',
  ];
  const server = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const { loginUrl } = (await firstDocument(server)) as { loginUrl: string };
  return {
    loginUrl,
    async stop() {
      if (server.exitCode !== null) return;
      server.kill('SIGINT');
      await once(server, 'exit');
    },
  };
};

/** The JSON document on stdout; the program goes on running after it. */
const firstDocument = (server: ChildProcess): Promise<unknown> => {
  let output = '';
  let errors = '';
  server.stderr?.on('data', (chunk: Buffer) => void (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    server.once('exit', (status) => reject(new Error(`nora serve ended with ${status}: ${errors}`)));
    server.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      try {
        resolve(JSON.parse(output));
      } catch {
        // not all of it yet
      }
    });
  });
};
