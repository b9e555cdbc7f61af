import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newToken } from '../../../main/api/token-file.ts';
import { createSessions } from '../../../main/api/sessions.ts';
import { makeLoginCode, newLoginKey } from '../../../main/api/login-codes.ts';
import { logEvents } from '../../../main/services/log/log-events.ts';
import { createLog, logFiles } from '../../../main/services/log/log-file.ts';
import { defectText, logText } from '../../../main/services/log/log-text.ts';
import type { WorkbenchEvent } from '../../../main/api/contract.ts';

let base = '';
const directory = (): string => join(base, 'logs');
beforeEach(() => void (base = mkdtempSync(join(tmpdir(), 'nora-log-'))));
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe('a line of the log', () => {
  test('holds no secret, wherever it stands', () => {
    const token = newToken();
    const { cookie, pageKey } = createSessions(token).open();
    const code = makeLoginCode(newLoginKey());
    for (const secret of [token, cookie, pageKey, code]) {
      for (const text of [
        `opened http://127.0.0.1:7860/?code=${secret}#/runs`,
        `Authorization: Bearer ${secret}`,
        `Cookie: a=b; nora-7860=${secret}; c=d`,
        `token=${secret}&x=1`,
      ])
        expect(logText(text), text).not.toContain(secret);
    }
    const ends = ['-', '--', '_', 'a'].flatMap((start) =>
      ['-', '--', '_', 'a'].map((end) => start + token.slice(start.length, -end.length) + end),
    );
    for (const secret of [token, pageKey, ...ends])
      expect(logText(`said ${secret} aloud`)).toBe('said *** aloud');
    expect(logText('at https://ann:hunter2@models.example/x')).toBe('at https://***@models.example/x');
  });

  test('writes the home folder as ~, stays one line, and is not endless', () => {
    expect(logText(`${homedir()}/models/tiny: gone`)).toBe('~/models/tiny: gone');
    expect(logText('/models: gone', '/')).toBe('/models: gone');
    expect(logText('one\n2026-01-01T00:00:00.000Z error forged\u001b[31m\u2028line')).toBe(
      'one 2026-01-01T00:00:00.000Z error forged [31m line',
    );
    expect(logText('x'.repeat(30_000_000))).toHaveLength(2001);
  });

  test('of a defect says what it is and where, and not what it was about', () => {
    const error = ((): unknown => {
      try {
        return JSON.parse('the private text of a row');
      } catch (thrown) {
        return thrown;
      }
    })();
    const text = defectText(error);
    expect(text).toMatch(/^a defect: SyntaxError\s+at JSON\.parse/);
    expect(text).not.toContain('private');
    expect(defectText(new Error('line one\n    private at line two'))).not.toContain('private');
    expect(defectText('the private text')).toBe('a defect: string was thrown');
  });
});

describe('the log', () => {
  test('is read as it was written, by its owner alone', () => {
    const log = createLog(directory(), { now: () => new Date('2026-01-01T10:00:00Z') });
    expect(log.read()).toEqual({ file: join(directory(), 'workbench.log'), lines: [] });
    log.write('info', 'serving\nwith token=the-secret');
    log.defect(new TypeError('private'));
    expect(log.read().lines).toEqual([
      { at: '2026-01-01T10:00:00.000Z', level: 'info', text: 'serving with token=***' },
      { at: '2026-01-01T10:00:00.000Z', level: 'error', text: expect.stringContaining('TypeError') },
    ]);
    if (process.platform === 'win32') return;
    expect(statSync(directory()).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory(), 'workbench.log')).mode & 0o777).toBe(0o600);
  });

  test('is bounded in size and files, and keeps the newest', () => {
    const mostBytes = 1000;
    const log = createLog(directory(), { mostBytes });
    for (let count = 0; count < 500; count += 1) log.write('info', `line ${count}`);
    const names = readdirSync(directory());
    expect(names).toHaveLength(logFiles);
    for (const name of names) expect(statSync(join(directory(), name)).size).toBeLessThanOrEqual(mostBytes);
    const { lines } = log.read();
    const numbers = lines.map(({ text }) => Number(text.split(' ')[1]));
    expect(numbers).toEqual(
      Array.from({ length: numbers.length }, (_, place) => 500 - numbers.length + place),
    );
    expect(numbers.length).toBeGreaterThan(50);
  });

  test('leaves out what was cut off, and keeps nobody from working', () => {
    const log = createLog(directory());
    log.write('info', 'whole');
    const file = join(directory(), 'workbench.log');
    writeFileSync(file, `${readFileSync(file, 'utf8')}2026-01-01T1`);
    expect(log.read().lines.map(({ text }) => text)).toEqual(['whole']);
    const blocked = join(base, 'blocked');
    writeFileSync(blocked, '');
    createLog(join(blocked, 'logs')).write('info', 'nowhere');
    mkdirSync(join(base, 'taken/logs/workbench.log'), { recursive: true });
    createLog(join(base, 'taken/logs')).write('info', 'nowhere');
    createLog(join(base, 'gone/logs')).write('info', 'nowhere');
    expect(readdirSync(base)).not.toContain('gone');
  });

  test('has each status of a run and an export once, and neither names nor errors', () => {
    const log = createLog(directory());
    const hear = logEvents(log);
    const run = (status: string, step: number) =>
      hear({
        name: 'run.changed',
        payload: { id: 'r1', status, step, name: 'private', error: 'private' },
      } as unknown as WorkbenchEvent);
    run('running', 1);
    run('running', 2);
    run('failed', 2);
    hear({ name: 'export.changed', payload: { id: 'e1', status: 'completed' } } as unknown as WorkbenchEvent);
    hear({ name: 'models.changed', payload: {} });
    expect(log.read().lines.map(({ level, text }) => `${level} ${text}`)).toEqual([
      'info run r1: running',
      'warning run r1: failed',
      'info export e1: completed',
    ]);
  });
});
