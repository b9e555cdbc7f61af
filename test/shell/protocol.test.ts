import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../main/api/content-security-policy.ts';
import { createProtocolHandler } from '../../main/shell/protocol.ts';

const base = mkdtempSync(join(tmpdir(), 'nora-protocol-'));
const renderer = join(base, 'renderer');
const get = (url: string, init?: RequestInit) => createProtocolHandler(renderer)(new Request(url, init));

beforeAll(() => {
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(renderer, 'index.html'), '<!doctype html>');
  writeFileSync(join(renderer, 'assets/main.js'), 'export {}');
  writeFileSync(join(base, 'secret.txt'), 'secret');
  symlinkSync(base, join(renderer, 'out'));
});
afterAll(() => rmSync(base, { recursive: true }));

describe('app://', () => {
  test.each([
    ['app://workbench/', 'text/html; charset=utf-8'],
    ['app://workbench/index.html?x=1#/runs', 'text/html; charset=utf-8'],
    ['app://workbench/assets/main.js', 'text/javascript; charset=utf-8'],
  ])('%s is served as %s under the policy', async (url, type) => {
    const response = await get(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    'app://workbench/../secret.txt',
    'app://workbench/%2e%2e/secret.txt',
    'app://workbench/..%2fsecret.txt',
    'app://workbench/..%5csecret.txt',
    'app://workbench/..%2frenderer%2findex.html', // up, and in again
    'app://workbench/out/secret.txt', // a link that leads out
    'app://workbench/%00',
    'app://workbench/%E0%A4%A',
    'app://workbench/assets',
    'app://workbench/absent.js',
    'app://elsewhere/index.html',
  ])('%s is not found', async (url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('not found');
  });

  test('only GET', async () => {
    expect((await get('app://workbench/', { method: 'POST', body: 'x' })).status).toBe(405);
  });
});

test('the policy allows nothing inline and nothing foreign', () => {
  expect(contentSecurityPolicy).toContain("default-src 'none'");
  expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*/);
});
