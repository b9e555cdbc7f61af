import { once } from 'node:events';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';

let cli: CommandLine;
beforeAll(() => {
  cli = createCommandLine();
});
afterAll(() => cli.remove());

test('serve says where it is, answers with the token, and ends cleanly on Ctrl-C', async () => {
  const tokenFile = join(cli.directory, 'token');
  writeFileSync(tokenFile, 'a-token-for-tests-only\n', { mode: 0o600 });
  const serving = cli.start('serve', '--port', '0', '--token-file', tokenFile, '--json');
  const chunk = (await once(serving.child.stdout!, 'data')) as [string];
  const { url, loginUrl, port, token } = JSON.parse(chunk[0]);
  expect([url, token]).toEqual([`http://127.0.0.1:${port}/`, 'a-token-for-tests-only']);
  expect(loginUrl.startsWith(`${url}?code=`)).toBe(true);
  expect(loginUrl).not.toContain(token);

  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/events`, { headers });
  await once(socket, 'open');
  const call = (method: string, params: unknown): Promise<Response> =>
    fetch(`${url}api/call`, { method: 'POST', headers, body: JSON.stringify({ method, params }) });
  expect(await (await call('experiments.list', {})).json()).toEqual({
    ok: true,
    result: { items: [], total: 0, next: null },
  });
  expect((await fetch(`${url}api/call`, { method: 'POST', body: '{}' })).status).toBe(401);

  const closed = once(socket, 'close');
  serving.child.kill('SIGINT');
  expect((await closed)[0]).toBe(1001);
  const { code, stdout } = await serving.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ port });
});

test('serve on a port that is taken says so', async () => {
  const first = cli.start('serve', '--port', '0', '--json');
  const { port } = JSON.parse(((await once(first.child.stdout!, 'data')) as [string])[0]);
  const second = await cli.nora('serve', '--port', String(port));
  expect(second).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: can't listen on 127.0.0.1:${port}: the port is already in use\n`,
  });
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
});

test('serve shows the folders that it is given, and refuses one that is not there', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nora-served-')));
  writeFileSync(join(folder, 'train.jsonl'), '{}');
  const serving = cli.start('serve', '--port', '0', '--folder', folder, '--json');
  const { url, token } = JSON.parse(((await once(serving.child.stdout!, 'data')) as [string])[0]);
  const response = await fetch(`${url}api/call`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ method: 'folders.list', params: { path: folder } }),
  });
  expect(await response.json()).toMatchObject({
    ok: true,
    result: { path: folder, parent: null, entries: [{ name: 'train.jsonl', holds: 'data' }] },
  });
  serving.child.kill('SIGTERM');
  await serving.ended;
  rmSync(folder, { recursive: true });
  expect(await cli.nora('serve', '--port', '0', '--folder', 'gone')).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: --folder: ${join(realpathSync(cli.directory), 'gone')}: no such folder\n`,
  });
});

const serveOnce = async (...words: string[]) => {
  const serving = cli.start('serve', '--port', '0', '--json', ...words);
  const [chunk] = (await once(serving.child.stdout!, 'data')) as [string];
  serving.child.kill('SIGTERM');
  const { stderr } = await serving.ended;
  return { token: (JSON.parse(chunk) as { token: string }).token, stderr };
};

test('the token lasts for the data directory, until a new one is asked for', async () => {
  const { token } = await serveOnce();
  expect((await serveOnce()).token).toBe(token);
  const { token: other } = await serveOnce('--new-token');
  expect(other).not.toBe(token);
  expect((await serveOnce()).token).toBe(other);
  const tokenFile = join(cli.directory, 'given-token');
  writeFileSync(tokenFile, 'a-token-for-tests-only\n', { mode: 0o600 });
  const { code, stderr } = await cli.nora('serve', '--new-token', '--token-file', tokenFile);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--new-token: is for the token that')]);
});

test('a token that is weak, or that others can read, is refused', async () => {
  const tokenFile = join(cli.directory, 'weak-token');
  writeFileSync(tokenFile, 'secret', { mode: 0o600 });
  const serve = async (): Promise<unknown[]> => {
    const { code, stderr } = await cli.nora('serve', '--port', '0', '--token-file', tokenFile);
    return [code, stderr];
  };
  expect(await serve()).toEqual([2, 'error: the token must be at least 16 letters, digits, - or _\n']);
  if (process.platform === 'win32') return;
  chmodSync(tokenFile, 0o644);
  expect(await serve()).toEqual([2, `error: ${tokenFile}: can be read by others; chmod 600 it\n`]);
});
