import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findServing, forgetServing, tellServing } from '../../main/api/serving-file.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'nora-serving-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const serving = { url: 'http://127.0.0.1:7860/', pid: process.pid, loginKey: 'a-key-for-tests-only' };
const none = (): string => `no nora serve runs on ${directory}: start one`;

test('the server that runs is found by its owner, until it ends', () => {
  expect(() => findServing(directory)).toThrow(none());
  tellServing(directory, serving);
  expect(findServing(directory)).toEqual(serving);
  if (process.platform !== 'win32')
    expect(statSync(join(directory, 'serving.json')).mode & 0o777).toBe(0o600);
  forgetServing(directory, { loginKey: 'another-key-for-tests' });
  expect(findServing(directory)).toEqual(serving);
  forgetServing(directory, serving);
  expect(() => findServing(directory)).toThrow(none());
});

test('a server that was killed is not found, nor one that can’t be understood', () => {
  tellServing(directory, { ...serving, pid: 2 ** 30 });
  expect(() => findServing(directory)).toThrow(none());
  writeFileSync(join(directory, 'serving.json'), '{');
  expect(() => findServing(directory)).toThrow(none());
});
