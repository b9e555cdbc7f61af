import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
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

test('serve --login makes another address for the server that runs, and says where none does', async () => {
  const serving = cli.start('serve', '--port', '0', '--json');
  const { url, loginUrl } = JSON.parse(((await once(serving.child.stdout!, 'data')) as [string])[0]);
  const { document } = await cli.noraJson('serve', '--login');
  const login = (address: string): Promise<Response> =>
    fetch(`${url}api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: new URL(address).searchParams.get('code') }),
    });
  expect((await login(document.loginUrl)).status).toBe(200);
  expect((await login(document.loginUrl)).status).toBe(401);
  expect((await login(loginUrl)).status).toBe(200);
  expect(statSync(join(cli.directory, 'data/serving.json')).mode & 0o077).toBe(0);
  serving.child.kill('SIGTERM');
  await serving.ended;
  expect(existsSync(join(cli.directory, 'data/serving.json'))).toBe(false);
  const { code, stderr } = await cli.nora('serve', '--login');
  expect([code, stderr]).toEqual([2, expect.stringContaining('no nora serve runs on')]);
});

test.skipIf(process.platform !== 'linux')(
  'serve --open gives the opener a private page, which goes once somebody has signed in',
  async () => {
    const bin = join(cli.directory, 'bin');
    const seen = join(cli.directory, 'opened');
    mkdirSync(bin);
    // Stands in for the system's opener: it keeps its command line, as anybody may read it, and the page.
    writeFileSync(
      join(bin, 'xdg-open'),
      `#!/bin/sh\necho "$@" > '${seen}.part'\nstat -c %a "$1" >> '${seen}.part'\nstat -c %a "$(dirname "$1")" >> '${seen}.part'\ncat "$1" >> '${seen}.part'\nmv '${seen}.part' '${seen}'\n`,
      { mode: 0o755 },
    );
    const serving = cli.startWith(
      { PATH: `${bin}:${process.env['PATH']}` },
      'serve',
      '--port',
      '0',
      '--open',
      '--json',
    );
    const { url } = JSON.parse(((await once(serving.child.stdout!, 'data')) as [string])[0]);
    await vi.waitFor(() => expect(existsSync(seen)).toBe(true), { timeout: 20_000 });
    const [commandLine = '', mode, folderMode, ...page] = readFileSync(seen, 'utf8').split('\n');
    expect(commandLine).toBe(join(cli.directory, 'data/opening/workbench.html'));
    expect([mode, folderMode]).toEqual(['600', '700']);
    const [address = ''] = /http:[^"]+/.exec(page.join('\n')) ?? [];
    expect(address.startsWith(`${url}?code=`)).toBe(true);

    const signedIn = await fetch(`${url}api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: new URL(address).searchParams.get('code') }),
    });
    expect(signedIn.status).toBe(200);
    await vi.waitFor(() => expect(existsSync(commandLine)).toBe(false));
    serving.child.kill('SIGTERM');
    await serving.ended;
  },
);

test('serve to other machines takes all that makes it safe, each by its name', async () => {
  const certificates = join(import.meta.dirname, '../api/certificates');
  const certificate = ['--certificate', join(certificates, 'server.pem')];
  const key = ['--key', join(certificates, 'server-key.pem')];
  const open = ['--port', '0', '--host', '0.0.0.0'];
  const refused = async (...words: string[]): Promise<string> => (await cli.nora('serve', ...words)).stderr;
  expect(await refused(...open)).toContain(
    'error: --host: 0.0.0.0 is open to other machines: add --allow-network',
  );
  expect(await refused(...open, '--allow-network')).toContain(
    '--allow-network: takes --certificate and --key',
  );
  expect(await refused(...open, '--allow-network', ...certificate)).toContain(
    '--certificate: takes its --key',
  );
  expect(await refused(...open, '--allow-network', ...key)).toContain('--key: belongs to a --certificate');
  expect(await refused(...open, ...certificate, ...key)).toContain('add --allow-network');
  const serving = cli.start('serve', ...open, '--allow-network', ...certificate, ...key, '--json');
  const { url } = JSON.parse(((await once(serving.child.stdout!, 'data')) as [string])[0]);
  expect(url).toMatch(/^https:\/\/0\.0\.0\.0:/);
  serving.child.kill('SIGTERM');
  expect((await serving.ended).code).toBe(0);
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
