import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { contentSecurityPolicy } from '../../main/api/content-security-policy.ts';
import { mostCallBytes } from '../../main/api/read-json.ts';
import { mostSentBytes } from '../../main/trainer/protocol/classify-schema.ts';
import { startTestServer, token } from '../api/http-double.ts';
import type { Answer, TestServer } from '../api/http-double.ts';

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.stop());

const body = '{"method":"models.list","params":{}}';
const json = { 'content-type': 'application/json' };
const post = (headers: Record<string, string>, sent = body): Promise<Answer> =>
  running.send({ method: 'POST', path: '/api/call', headers, body: sent });

/** What our own page sends. */
const page = (): Record<string, string> => ({
  ...json,
  cookie: running.cookie,
  origin: `http://${running.host}`,
  'x-nora-page-key': running.pageKey,
});

describe('the token', () => {
  test.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['one that starts right', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['one that goes on', { authorization: `Bearer ${token}x` }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${token}` }],
    ["another server's cookie", { cookie: `nora-1=${token}` }],
  ])('%s: 401, in an envelope', async (_, headers) => {
    const answer = await post({ ...json, ...headers });
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  });

  test('in an address is worth nothing', async () => {
    const answer = await running.send({
      method: 'POST',
      path: `/api/call?token=${token}`,
      headers: json,
      body,
    });
    expect(answer.status).toBe(401);
    const page = await running.send({ path: `/?token=${token}` });
    expect([page.status, page.headers['set-cookie']]).toEqual([200, undefined]);
  });

  test('in the cookie is worth nothing', async () => {
    const cookie = `nora-${running.server.port}=${token}`;
    expect((await post({ ...page(), cookie })).status).toBe(401);
  });
});

describe('a code', () => {
  const code = (): string => new URL(running.server.makeLoginUrl()).searchParams.get('code')!;
  const login = (value: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    running.send({
      method: 'POST',
      path: '/api/login',
      headers: { ...json, ...headers },
      body: JSON.stringify({ code: value }),
    });

  test('is exchanged for a cookie that script cannot read and other sites do not send, and a key for the page', async () => {
    const answer = await login(code(), { origin: `http://${running.host}` });
    expect(answer.status).toBe(200);
    const [cookie = ''] = answer.headers['set-cookie']?.[0]?.split(';') ?? [];
    expect(answer.headers['set-cookie']).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict`]);
    expect(cookie).toMatch(new RegExp(`^nora-${running.server.port}=[\\w-]+\\.[\\w-]+$`));
    expect(cookie + answer.body).not.toContain(token);
    expect(answer.headers['cache-control']).toBe('no-store');
    const { result } = JSON.parse(answer.body) as { result: { pageKey: string } };
    const called = await post({ ...page(), cookie, 'x-nora-page-key': result.pageKey });
    expect(called.status).toBe(200);
  });

  test('signs in once', async () => {
    const once = code();
    expect((await login(once)).status).toBe(200);
    const again = await login(once);
    expect([again.status, again.headers['set-cookie']]).toEqual([401, undefined]);
    expect(JSON.parse(again.body).error.message).toContain('used already');
  });

  test('is not used up by looking at its address, as programs do that show a preview of a link', async () => {
    const once = code();
    const looked = await running.send({ path: `/?code=${once}` });
    expect([looked.status, looked.headers['set-cookie']]).toEqual([200, undefined]);
    expect((await login(once)).status).toBe(200);
  });

  test.each([[''], ['a.b.c'], [7], [null], [undefined], [{ code: 'a' }]])('%j is none', async (value) => {
    const answer = await login(value);
    expect([401, 400]).toContain(answer.status);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('is taken from no page of another site, and only as JSON by POST', async () => {
    expect((await login(code(), { origin: 'http://evil.example' })).status).toBe(403);
    expect((await login(code(), { 'content-type': 'text/plain' })).status).toBe(415);
    const got = await running.send({ path: `/api/login?code=${code()}` });
    expect([got.status, got.headers['set-cookie']]).toEqual([405, undefined]);
  });

  test('cannot be guessed: wrong ones are counted, and the token goes on working', async () => {
    const other = await startTestServer();
    const tried = (value: string): Promise<Answer> =>
      other.send({
        method: 'POST',
        path: '/api/login',
        headers: json,
        body: JSON.stringify({ code: value }),
      });
    const statuses = [];
    for (let count = 0; count < 12; count += 1) statuses.push((await tried('wrong')).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const headers = { ...json, authorization: `Bearer ${token}` };
    expect((await other.send({ method: 'POST', path: '/api/call', headers, body })).status).toBe(200);
    await other.stop();
  });
});

describe('the cookie', () => {
  test('is found among others', async () => {
    expect((await post({ ...page(), cookie: `a=b; ${running.cookie}; c=d` })).status).toBe(200);
  });

  test('alone is nothing: every server of this machine is sent it', async () => {
    const { 'x-nora-page-key': _, ...others } = page();
    expect((await post(others)).status).toBe(401);
    expect((await post({ ...others, 'x-nora-page-key': 'guessed' })).status).toBe(401);
    const { cookie: _cookie, ...withoutCookie } = page();
    expect((await post(withoutCookie)).status).toBe(401);
  });

  test('names its port: another server does not know it', async () => {
    const other = await startTestServer();
    const headers = { ...page(), origin: `http://${other.host}` };
    expect((await other.send({ method: 'POST', path: '/api/call', headers, body })).status).toBe(401);
    await other.stop();
  });
});

describe('the Host header', () => {
  test.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'a b',
    '@127.0.0.1@evil',
  ])('%j is refused everywhere (DNS rebinding)', async (host) => {
    const headers = { ...json, authorization: `Bearer ${token}`, host };
    expect((await post(headers)).status).toBe(403);
    expect((await running.send({ path: '/', headers: { host } })).status).toBe(403);
  });

  test.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])(
    '%s is this machine, on any port (a tunnel has its own)',
    async (name) => {
      expect((await post({ ...json, authorization: `Bearer ${token}`, host: `${name}:9999` })).status).toBe(
        200,
      );
    },
  );
});

describe('the Origin header', () => {
  test.each([
    'http://evil.example',
    'null',
    'https://localhost:1',
    'http://127.0.0.1:1',
    'file://',
    'nonsense',
  ])('of another page, %s, is refused even with the token', async (origin) => {
    expect((await post({ ...page(), origin })).status).toBe(403);
    expect((await post({ ...json, authorization: `Bearer ${token}`, origin })).status).toBe(403);
  });

  test('must be there when the token comes by itself, in a cookie', async () => {
    const { origin: _, ...others } = page();
    expect((await post(others)).status).toBe(403);
  });

  test('gets no permission to read answers', async () => {
    const answer = await running.send({
      method: 'OPTIONS',
      path: '/api/call',
      headers: { origin: 'http://evil.example' },
    });
    expect(answer.status).toBe(405);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('the event socket', () => {
  const refused = (
    headers: Record<string, string>,
    path = '/api/events',
    protocols: string[] = [],
  ): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${running.host}${path}`, protocols, { headers });
      socket.once('error', (error) => resolve(error.message));
      socket.once('open', () => reject(new Error('was let in')));
    });
  const ownOrigin = (): string => `http://${running.host}`;
  const protocols = (): string[] => ['nora', `nora-key.${running.pageKey}`];

  test('needs the token or a session, the right origin, the right host and the right path', async () => {
    const { cookie } = running;
    expect(await refused({})).toContain('401');
    expect(await refused({ authorization: 'Bearer wrong' })).toContain('401');
    expect(await refused({ cookie, origin: ownOrigin() })).toContain('401');
    expect(await refused({ cookie, origin: ownOrigin() }, '/api/events', ['nora', 'nora-key.x'])).toContain(
      '401',
    );
    expect(await refused({ cookie }, '/api/events', protocols())).toContain('403');
    expect(await refused({ cookie, origin: 'http://evil.example' }, '/api/events', protocols())).toContain(
      '403',
    );
    expect(await refused({ authorization: `Bearer ${token}`, host: 'evil.example' })).toContain('403');
    expect(await refused({ authorization: `Bearer ${token}` }, '/')).toContain('404');
  });

  test('opens for our own page', async () => {
    const socket = new WebSocket(`ws://${running.host}/api/events`, protocols(), {
      headers: { cookie: running.cookie, origin: ownOrigin() },
    });
    await new Promise((resolve, reject) => void socket.once('open', resolve).once('error', reject));
    expect(socket.protocol).toBe('nora');
    socket.close();
  });
});

describe('paths', () => {
  test.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/%2e%2e%2fsecret.json',
    '/assets/../../secret.json',
    '/assets/..%5c..%5csecret.json',
    '/..\\secret.json',
    '/%252e%252e/secret.json',
    '/../renderer-private/secret.json',
    '//secret.json',
    '/assets//index.js',
    '/link.json',
    '/link-beside.json',
    '/C:secret.json',
    '/assets%5csecret.json',
    '/.env.json',
    '/workbench.sqlite',
    '/index.html%00.json',
    '/%',
    '/%ff',
    '/assets',
    '/assets/',
    '/C:/secret.json',
    '/__proto__',
  ])('%s leads nowhere', async (path) => {
    const answer = await running.send({ path });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('SECRET');
  });

  test('as a proxy would be asked lead nowhere', async () => {
    const answer = await running.send({ path: 'http://evil.example/secret.json' });
    expect(answer.status).toBe(404);
  });
});

describe('headers', () => {
  test.each(['/', '/assets/index.js', '/nothing', '/api/nothing', '/?code=wrong'])(
    '%s keeps the browser strict',
    async (path) => {
      const { headers } = await running.send({ path });
      expect(headers).toMatchObject({
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
    },
  );
});

describe('bodies', () => {
  const authorized = { ...json, authorization: `Bearer ${token}` };

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
    '',
  ])('of type %j, which a form of any site can send, are refused', async (type) => {
    expect((await post({ ...authorized, 'content-type': type })).status).toBe(415);
  });

  test('that say they are too large are not read', async () => {
    const answer = await post({ ...authorized, 'content-length': String(2 ** 31) }, '');
    expect(answer.status).toBe(413);
  });

  test('that grow too large are cut off', async () => {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(running.server.port, '127.0.0.1');
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () =>
        received === '' ? reject(new Error('no answer')) : resolve(received.slice(0, 12)),
      );
      const head = [
        'POST /api/call HTTP/1.1',
        `Host: ${running.host}`,
        ...Object.entries(authorized).map(([name, value]) => `${name}: ${value}`),
        'Transfer-Encoding: chunked',
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      const pump = setInterval(() => (socket.destroyed ? clearInterval(pump) : socket.write(chunk)), 2);
      socket.on('close', () => clearInterval(pump));
    });
    expect(status).toBe('HTTP/1.1 413');
  });

  /** The answer to a request whose body never comes. */
  const answerToHead = (path: string, headers: Readonly<Record<string, string>>): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(running.server.port, '127.0.0.1');
      socket.on('error', reject);
      socket.once('data', (chunk) => {
        resolve(chunk.toString().slice(0, 12));
        socket.destroy();
      });
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      socket.write([`POST ${path} HTTP/1.1`, `Host: ${running.host}`, ...lines, '', ''].join('\r\n'));
    });

  test.each([
    ['nothing', {}],
    ['a wrong token', { authorization: 'Bearer wrong' }],
  ])('of a picture, with %s to tell who sends it, are refused before any of it is read', async (_, who) => {
    const large = { ...json, 'content-length': String(mostCallBytes) };
    expect(await answerToHead('/api/call', { ...large, ...who })).toBe('HTTP/1.1 401');
    expect(await answerToHead('/api/login', { ...large, ...who })).toBe('HTTP/1.1 413');
  });

  test('of a picture that is as large as may be sent reach the router, and no larger ones', async () => {
    const call = (bytes: number): string =>
      JSON.stringify({ method: 'models.list', params: { base64: 'A'.repeat(Math.ceil(bytes / 3) * 4) } });
    const reached = await post(authorized, call(mostSentBytes));
    expect(reached.status).toBe(200);
    expect((await post(authorized, call(mostSentBytes + 2 ** 20))).status).toBe(413);
  });

  test('with names that mean something to JavaScript do no harm', async () => {
    for (const method of ['__proto__', 'constructor', 'toString']) {
      const answer = await post(authorized, JSON.stringify({ method, params: {} }));
      expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
    }
    const poisoned = await post(
      authorized,
      '{"method":"models.list","params":{"__proto__":{"polluted":true}}}',
    );
    expect(poisoned.status).toBe(200);
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
    expect(JSON.parse((await post(authorized, '{"__proto__":{"method":"models.list"}}')).body)).toMatchObject(
      { ok: false },
    );
  });
});
