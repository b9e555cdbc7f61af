import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../main/api/http-transport.ts';
import type { RunningServer, ServerOptions } from '../../main/api/http-transport.ts';
import { createSessions } from '../../main/api/sessions.ts';
import { fakeRouter } from './fake-workbench.ts';
import type { FakeRouter } from './fake-workbench.ts';

export const token = 'a-token-for-tests-only';

export interface TestServer extends FakeRouter {
  readonly server: RunningServer;
  /** `127.0.0.1:port` */
  readonly host: string;
  /** What a browser sends by itself once it is signed in. */
  readonly cookie: string;
  /** What our page sends beside it. */
  readonly pageKey: string;
  send(options: SendOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface SendOptions {
  readonly method?: string;
  /** Goes out as it is: no `..` is resolved, nothing is encoded. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server over the fake router, on a renderer folder with a secret beside it. */
export const startTestServer = async (
  answers: Parameters<typeof fakeRouter>[0] = {},
  options: Pick<ServerOptions, 'onRefusal'> = {},
): Promise<TestServer> => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-http-'));
  const rendererDirectory = join(directory, 'renderer');
  mkdirSync(join(rendererDirectory, 'assets'), { recursive: true });
  mkdirSync(join(directory, 'renderer-private'));
  writeFileSync(join(rendererDirectory, 'index.html'), '<!doctype html><title>workbench</title>');
  writeFileSync(join(rendererDirectory, 'assets', 'index.js'), 'export {};');
  writeFileSync(join(rendererDirectory, '.env.json'), 'SECRET');
  writeFileSync(join(rendererDirectory, 'workbench.sqlite'), 'SECRET');
  writeFileSync(join(directory, 'secret.json'), 'SECRET');
  writeFileSync(join(directory, 'renderer-private', 'secret.json'), 'SECRET');
  symlinkSync(join(directory, 'secret.json'), join(rendererDirectory, 'link.json'));
  symlinkSync(join(directory, 'renderer-private/secret.json'), join(rendererDirectory, 'link-beside.json'));
  // What Windows would take for a drive and for a folder.
  if (process.platform !== 'win32')
    for (const name of ['C:secret.json', 'assets\\secret.json'])
      writeFileSync(join(rendererDirectory, name), 'SECRET');

  const fake = fakeRouter(answers);
  const server = await startServer({ router: fake.router, rendererDirectory, token, ...options });
  const session = createSessions(token).open();
  const address = `127.0.0.1:${server.port}`;
  return {
    ...fake,
    server,
    host: address,
    cookie: `nora-${server.port}=${session.cookie}`,
    pageKey: session.pageKey,
    send: (options) => send(server.port, options),
    async stop() {
      await server.close();
      rmSync(directory, { recursive: true });
    },
  };
};

const send = (
  port: number,
  { method = 'GET', path = '/', headers = {}, body }: SendOptions,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers: { ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
