import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import type { Envelope, MethodName, MethodParams, MethodResult } from '../../main/api/contract.ts';
import { loginUrl } from '../../main/api/http-transport.ts';
import { findServing } from '../../main/api/serving-file.ts';
import { root } from '../support/paths.ts';

export interface RealWorkbench {
  /** An address that signs a browser in: another at each look, since each works once. */
  readonly loginUrl: string;
  readonly port: number;
  /** Of the server's process, which starts the trainers. */
  readonly pid: number;
  /** What another client of the same workbench would do. Throws what the workbench says against it. */
  call<M extends MethodName>(method: M, params: MethodParams<M>): Promise<MethodResult<M>>;
  /** Ends it as Ctrl-C would. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

export interface ServeOptions {
  /** A free one otherwise. */
  readonly port?: number;
  /** What the window may read from and write to, beside the person's home; what is around the data directory otherwise. */
  readonly folders?: readonly string[];
}

interface Served {
  readonly url: string;
  readonly port: number;
  readonly token: string;
}

/** `nora serve` as a person starts it, on a port of its own. */
export const startRealWorkbench = async (
  dataDirectory: string,
  { port = 0, folders = [dirname(dataDirectory)] }: ServeOptions = {},
): Promise<RealWorkbench> => {
  const command = [
    join(root, 'main/cli/nora.ts'),
    'serve',
    '--port',
    String(port),
    '--data-dir',
    dataDirectory,
    ...folders.flatMap((folder) => ['--folder', folder]),
    '--json',
  ];
  const server = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const served = (await firstDocument(server)) as Served;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit');
  };
  return {
    get loginUrl() {
      const { url, loginKey } = findServing(dataDirectory);
      return loginUrl(url, loginKey);
    },
    port: served.port,
    pid: server.pid!,
    call: (method, params) => ask(served, method, params),
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
};

const ask = async <M extends MethodName>(
  { url, token }: Served,
  method: M,
  params: MethodParams<M>,
): Promise<MethodResult<M>> => {
  const response = await fetch(`${url}api/call`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ method, params }),
  });
  const envelope = (await response.json()) as Envelope<MethodResult<M>>;
  if (envelope.ok) return envelope.result;
  throw new Error(`${method}: ${envelope.error.message}`);
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
