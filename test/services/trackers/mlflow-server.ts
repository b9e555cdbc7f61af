import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** One request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

type Asked = Pick<Exchange, 'method' | 'path' | 'body'> & { readonly headers: IncomingMessage['headers'] };

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
};

/** A server of this machine that answers by a function, for as long as `use` takes. */
export const withServer = async <T>(
  answer: (asked: Asked) => Promise<Pick<Exchange, 'status' | 'answer'>>,
  use: (uri: string) => Promise<T>,
): Promise<T> => {
  const server: Server = createServer((request, response) => {
    void (async () => {
      const { method = '', url: path = '', headers } = request;
      const { status, answer: text } = await answer({ method, path, headers, body: await bodyOf(request) });
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

/** Answers as a server once did, and fails where it is asked anything else. */
export const replaying = (record: readonly Exchange[]) => {
  let at = 0;
  const problems: string[] = [];
  return {
    answer: ({ method, path, body }: Asked): Promise<Pick<Exchange, 'status' | 'answer'>> => {
      const expected = record[at++];
      const asked = `${method} ${path} ${body}`;
      const wanted = expected && `${expected.method} ${expected.path} ${expected.body}`;
      if (asked !== wanted) problems.push(`asked for ${asked}, not ${wanted ?? 'nothing more'}`);
      return Promise.resolve({ status: expected?.status ?? 500, answer: expected?.answer ?? '{}' });
    },
    problems,
    left: () => record.length - at,
  };
};

/** Passes everything on to a real server, and writes it down. */
export const recording = (target: string) => {
  const record: Exchange[] = [];
  return {
    record,
    answer: async ({ method, path, body, headers }: Asked) => {
      const type = headers['content-type'];
      const response = await fetch(`${target}${path}`, {
        method,
        ...(method === 'GET' ? {} : { body }),
        ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      });
      const told = { status: response.status, answer: await response.text() };
      record.push({ method, path, body, ...told });
      return told;
    },
  };
};

/** A real MLflow server on a database of its own, for as long as `use` takes. */
export const withRealMlflow = async <T>(
  program: string,
  port: number,
  use: (uri: string) => Promise<T>,
): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'nora-mlflow-'));
  const uri = `http://127.0.0.1:${port}`;
  const server = spawn(
    program,
    [
      ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
      ...['--artifacts-destination', join(folder, 'artefacts')],
    ],
    { stdio: 'ignore', detached: true },
  );
  try {
    for (let tries = 0; ; tries++) {
      const isUp = await fetch(`${uri}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isUp) break;
      if (tries === 240) throw new Error(`${program} did not come up`);
      await wait(500);
    }
    return await use(uri);
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL'); // with its workers
    rmSync(folder, { recursive: true, force: true });
  }
};
