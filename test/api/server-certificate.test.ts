import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, type RunningServer } from '../../main/api/http-transport.ts';
import { makeLoginCode, newLoginKey } from '../../main/api/login-codes.ts';
import { readServerCertificate } from '../../main/api/server-certificate.ts';
import { fakeRouter } from './fake-workbench.ts';

const file = (name: string): string => join(import.meta.dirname, 'certificates', name);
const certificateFile = file('server.pem');
const keyFile = file('server-key.pem');
const certificate = readServerCertificate(certificateFile, keyFile);
const token = 'a-token-for-tests-only';

describe('a certificate', () => {
  test('is for the names and addresses in it, and no others', () => {
    const names = ['workbench.test', 'WORKBENCH.test', '10.1.2.3', '127.0.0.1'];
    expect(names.filter((name) => !certificate.isFor(name))).toEqual([]);
    const others = ['evil.test', 'a.workbench.test', 'workbench.test.evil', '10.1.2.4', '[::1]', ''];
    expect(others.filter((name) => certificate.isFor(name))).toEqual([]);
  });

  test('has its day', () => {
    const read = (now: string) => () => readServerCertificate(certificateFile, keyFile, new Date(now));
    expect(read('2200-01-01')).toThrow(`${certificateFile}: expired on 2120-01-01; have it renewed`);
    expect(read('2019-01-01')).toThrow(`${certificateFile}: is valid from 2020-01-01 on`);
  });

  test('and its key belong together, and are what they are said to be', () => {
    const other = file('other-key.pem');
    expect(() => readServerCertificate(certificateFile, other)).toThrow(
      `${other}: is not the key of ${certificateFile}; give the two that belong together`,
    );
    expect(() => readServerCertificate(keyFile, keyFile)).toThrow(`${keyFile}: holds no certificate`);
    expect(() => readServerCertificate(certificateFile, certificateFile)).toThrow('holds no private key');
    expect(() => readServerCertificate(file('none.pem'), keyFile)).toThrow(file('none.pem'));
  });
});

test('without one nothing but this machine is listened to', async () => {
  const { router } = fakeRouter();
  for (const host of ['0.0.0.0', '::', '10.1.2.3', 'workbench.test'])
    await expect(startServer({ router, rendererDirectory: '/nowhere', host })).rejects.toThrow(
      `${host}: is open to other machines, which takes a certificate and its key`,
    );
});

describe('a server with one', () => {
  const loginKey = newLoginKey();
  let directory = '';
  let server: RunningServer;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nora-tls-'));
    writeFileSync(join(directory, 'index.html'), '<!doctype html>');
    const { router } = fakeRouter();
    server = await startServer({
      router,
      rendererDirectory: directory,
      host: '0.0.0.0',
      token,
      loginKey,
      certificate,
    });
  });
  afterAll(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });

  const ca = certificate.certificate;
  const ask = (
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ status: number; cookies: string[]; body: string }> =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: server.port,
          path,
          method: body === undefined ? 'GET' : 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          ca,
          servername: 'workbench.test',
          agent: false,
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              cookies: response.headers['set-cookie'] ?? [],
              body: text,
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  test('answers at the names in it, whatever it is reached by, and at no others', async () => {
    expect(server.url).toBe(`https://0.0.0.0:${server.port}/`);
    const statusAt = async (host: string): Promise<number> => (await ask('/', { host })).status;
    for (const host of ['workbench.test', `workbench.test:${server.port}`, '10.1.2.3:443', 'localhost:1'])
      expect(await statusAt(host), host).toBe(200);
    for (const host of ['evil.test', '192.168.1.5', '[fe80::1]:7860', 'workbench.test.evil.test'])
      expect(await statusAt(host), host).toBe(403);
  });

  test('signs a browser in with a cookie that goes by TLS only, from its own https page only', async () => {
    const host = `workbench.test:${server.port}`;
    const origin = `https://${host}`;
    const login = { code: makeLoginCode(loginKey) };
    const plain = await ask('/api/login', { host, origin: `http://${host}` }, JSON.stringify(login));
    expect(plain.status).toBe(403);
    const { status, cookies, body } = await ask('/api/login', { host, origin }, JSON.stringify(login));
    expect(status).toBe(200);
    const [cookie = ''] = cookies[0]?.split(';') ?? [];
    expect(cookies).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict; Secure`]);
    expect(cookie).toMatch(new RegExp(`^__Host-nora-${server.port}=`));

    const { pageKey } = (JSON.parse(body) as { result: { pageKey: string } }).result;
    const call = '{"method":"models.list","params":{}}';
    const page = { host, cookie, 'x-nora-page-key': pageKey };
    expect((await ask('/api/call', { ...page, origin }, call)).status).toBe(200);
    expect((await ask('/api/call', { ...page, origin: `http://${host}` }, call)).status).toBe(403);

    const socket = new WebSocket(
      `wss://127.0.0.1:${server.port}/api/events`,
      ['nora', `nora-key.${pageKey}`],
      { agent: new Agent({ ca, servername: 'workbench.test' }), headers: { host, cookie, origin } },
    );
    await new Promise((resolve, reject) => void socket.once('open', resolve).once('error', reject));
    expect(socket.protocol).toBe('nora');
    socket.close();
  });

  test('speaks TLS 1.2 or newer, and no HTTP', async () => {
    const handshake = (maxVersion: 'TLSv1.1' | 'TLSv1.2'): Promise<string | null> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({
          host: '127.0.0.1',
          port: server.port,
          ca,
          servername: 'workbench.test',
          minVersion: 'TLSv1',
          maxVersion,
          ciphers: 'DEFAULT:@SECLEVEL=0',
        });
        socket.once('secureConnect', () => {
          resolve(socket.getProtocol());
          socket.destroy();
        });
        socket.once('error', reject);
      });
    expect(await handshake('TLSv1.2')).toBe('TLSv1.2');
    await expect(handshake('TLSv1.1')).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow();
  });
});
