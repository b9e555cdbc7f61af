import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startServer } from '../../main/api/http-transport.ts';
import { WorkbenchError } from '../../main/engine/errors.ts';
import { model } from './fake-workbench.ts';
import { startTestServer, token } from './http-double.ts';
import type { TestServer } from './http-double.ts';

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.stop());

const bearer = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const call = (body: string): ReturnType<TestServer['send']> =>
  running.send({ method: 'POST', path: '/api/call', headers: bearer, body });

describe('a call', () => {
  test('comes back as an envelope', async () => {
    const answer = await call('{"method":"models.list","params":{}}');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(answer.body)).toEqual({ ok: true, result: [model] });
  });

  test('that the router refuses is still answered', async () => {
    const answer = await call('{"method":"models.import","params":{"directory":"/x"}}');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      ok: false,
      error: { code: 'invalid-input', message: 'config.json: not there' },
    });
  });

  test.each([
    ['not JSON', '{', 'the body is not JSON'],
    ['not a call', '[]', 'the body must be {"method": …, "params": …}'],
    ['null', 'null', 'the body must be {"method": …, "params": …}'],
  ])('of %s is bad', async (_, body, message) => {
    const answer = await call(body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ ok: false, error: { code: 'invalid-input', message } });
  });

  test('goes by POST only', async () => {
    const answer = await running.send({ path: '/api/call', headers: bearer });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
    expect((await running.send({ path: '/api/other', headers: bearer })).status).toBe(404);
    expect((await running.send({ method: 'DELETE', path: '/', headers: bearer })).status).toBe(405);
  });
});

describe('the page', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/index.html', 'text/html; charset=utf-8'],
    ['/assets/index.js', 'text/javascript; charset=utf-8'],
    ['/assets/index.js?v=1', 'text/javascript; charset=utf-8'],
  ])('%s is %s', async (path, type) => {
    const answer = await running.send({ path });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, type]);
    expect(answer.body).not.toBe('');
  });

  test('HEAD sends no body', async () => {
    const answer = await running.send({ method: 'HEAD', path: '/' });
    expect([answer.status, answer.body]).toEqual([200, '']);
  });

  test('that is not built says what to do', async () => {
    const server = await startServer({ router: running.router, rendererDirectory: '/nowhere', token });
    const answer = await fetch(server.url);
    expect([answer.status, await answer.text()]).toEqual([
      404,
      'The window is not built yet: npm run build\n',
    ]);
    await server.close();
  });
});

describe('events', () => {
  const connect = (): WebSocket =>
    new WebSocket(`ws://${running.host}/api/events`, { headers: { authorization: bearer.authorization } });
  const opened = (socket: WebSocket): Promise<void> =>
    new Promise((resolve) => void socket.once('open', resolve));
  const next = (socket: WebSocket): Promise<unknown> =>
    new Promise(
      (resolve) => void socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()))),
    );

  test('reach every client, each as one message', async () => {
    const sockets = [connect(), connect()];
    await Promise.all(sockets.map(opened));
    const heard = Promise.all(sockets.map(next));
    running.hub.emit({
      name: 'run.metrics',
      payload: { runId: 'r', metrics: [{ step: 1, name: 'train/loss', value: 2.5 }] },
    });
    const event = {
      name: 'run.metrics',
      payload: { runId: 'r', metrics: [{ step: 1, name: 'train/loss', value: 2.5 }] },
    };
    expect(await heard).toEqual([event, event]);
    for (const socket of sockets) socket.close();
  });

  test('end when a client says too much, for that client', async () => {
    const [talker, listener] = [connect(), connect()];
    await Promise.all([opened(talker), opened(listener)]);
    const closed = new Promise((resolve) => void talker.once('close', resolve));
    talker.on('error', () => undefined);
    talker.send('x'.repeat(5000));
    await closed;
    const heard = next(listener);
    running.hub.emit({ name: 'models.changed', payload: {} });
    expect(await heard).toEqual({ name: 'models.changed', payload: {} });
    listener.close();
  });

  test('end with 1001 when the server stops, and nobody listens any more', async () => {
    const other = await startTestServer();
    const socket = new WebSocket(`ws://${other.host}/api/events`, {
      headers: { authorization: bearer.authorization },
    });
    await opened(socket);
    const code = new Promise((resolve) => void socket.once('close', resolve));
    await other.stop();
    expect(await code).toBe(1001);
    other.hub.emit({ name: 'models.changed', payload: {} });
    expect(other.defects).toEqual([]);
  });
});

describe('starting', () => {
  test('on a port that is taken is a conflict, in one line', async () => {
    const { port } = running.server;
    const second = startServer({ router: running.router, rendererDirectory: '/nowhere', port });
    await expect(second).rejects.toThrow(
      new WorkbenchError('conflict', `can't listen on 127.0.0.1:${port}: the port is already in use`),
    );
  });

  test('draws a token of its own each time', async () => {
    const servers = await Promise.all(
      [1, 2].map(() => startServer({ router: running.router, rendererDirectory: '/nowhere' })),
    );
    const [one, two] = servers.map((server) => server.token);
    expect(one).toMatch(/^[\w-]{43}$/);
    expect(one).not.toBe(two);
    await Promise.all(servers.map((server) => server.close()));
  });

  test.each(['short', 'with spaces in the token', 'semicolon;in-the-token'])(
    'with the token %j is refused',
    async (weak) => {
      const starting = startServer({ router: running.router, rendererDirectory: '/nowhere', token: weak });
      await expect(starting).rejects.toThrow('the token must be at least 16 letters, digits, - or _');
    },
  );
});
