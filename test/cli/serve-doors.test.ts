import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { root } from '../support/paths.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';

const certificates = join(root, 'test/api/certificates');
const certificate = ['--certificate', join(certificates, 'server.pem')];
const key = ['--key', join(certificates, 'server-key.pem')];

/** What the server says against importing a model from there. */
const refusalOf = (port: number, token: string, directory: string, isSecure: boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    const { request } = isSecure ? https : http;
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path: '/api/call',
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        rejectUnauthorized: false, // that the certificate is right is for another test
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve((JSON.parse(text) as { error: { message: string } }).error.message));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ method: 'models.import', params: { directory } }));
  });

let cli: CommandLine;
beforeAll(() => {
  cli = createCommandLine();
});
afterAll(() => cli.remove());

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

test('serve holds browsers to the folders that it shows; other machines are not shown the home either', async () => {
  const shown = realpathSync(mkdtempSync(join(tmpdir(), 'nora-shown-')));
  const asked = async (directory: string, ...words: string[]): Promise<string> => {
    const serving = cli.start('serve', '--port', '0', '--folder', shown, '--json', ...words);
    const { port, token } = JSON.parse(((await once(serving.child.stdout!, 'data')) as [string])[0]);
    const message = await refusalOf(port, token, directory, words.length > 0);
    serving.child.kill('SIGTERM');
    await serving.ended;
    return message;
  };
  const outside = 'lies outside the folders that are shown';
  expect(await asked(realpathSync(mkdtempSync(join(tmpdir(), 'nora-elsewhere-'))))).toContain(outside);
  expect(await asked(join(shown, 'model'))).not.toContain(outside);
  expect(await asked(join(homedir(), 'no-such-model'))).not.toContain(outside);
  const open = ['--host', '0.0.0.0', '--allow-network', ...certificate, ...key];
  expect(await asked(join(homedir(), 'no-such-model'), ...open)).toContain(outside);
  rmSync(shown, { recursive: true });
});
