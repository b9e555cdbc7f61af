import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { securityHeaders } from '../../main/api/content-security-policy.ts';
import { createProtocolHandler } from '../../main/shell/protocol.ts';
import { startTestServer } from '../api/http-double.ts';
import { readBuilderConfiguration } from '../toolchain/package-double.ts';

/** Written out once more, so that no line of it changes without somebody meaning it. */
const expected = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

test('the policy is this one, and no other', () => {
  expect(securityHeaders).toEqual(expected);
});

test.each(['/', '/assets/index.js', '/nothing', '/api/nothing', '/api/login', '/api/call', '/?code=wrong'])(
  '%s comes under it, and is kept by no cache',
  async (path) => {
    const running = await startTestServer();
    const { headers } = await running.send({ path });
    expect(headers).toMatchObject({ ...expected, 'cache-control': 'no-store' });
    await running.stop();
  },
);

test('so does every answer of app://', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-policy-'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html>');
  const answer = createProtocolHandler(directory);
  for (const path of ['index.html', 'nothing.html'])
    expect(Object.fromEntries((await answer(new Request(`app://workbench/${path}`))).headers)).toMatchObject(
      expected,
    );
  rmSync(directory, { recursive: true });
});

test('the fuses of the packaged app are these', () => {
  expect(readBuilderConfiguration()['electronFuses']).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  });
});
