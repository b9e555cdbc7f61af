import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../main/store/open-database.ts';
import { openQueueLock } from '../../main/store/queue-lock.ts';
import { openWorkLock } from '../../main/store/work-lock.ts';

// What a system gives as usual, whatever whoever runs the tests has set.
const umask = process.umask(0o022);
let above: string;
let directory: string;
beforeEach(() => {
  process.umask(0o022);
  above = mkdtempSync(join(tmpdir(), 'nora-closed-'));
  directory = join(above, 'data');
});
afterEach(() => {
  process.umask(umask);
  rmSync(above, { recursive: true, force: true });
});

/** Opens it as a workbench does, and looks who may do what while it is open. */
const rightsWhenOpen = (): Record<string, string> => {
  const database = openDatabase(directory);
  const locks = [openQueueLock(directory), openWorkLock(directory)];
  database.exec('CREATE TABLE IF NOT EXISTS more (a)');
  const rights = Object.fromEntries(
    ['.', ...readdirSync(directory)].map((name) => [
      name,
      (statSync(join(directory, name)).mode & 0o777).toString(8),
    ]),
  );
  for (const lock of locks) lock.close();
  database.close();
  return rights;
};
const files = (rights: string): Record<string, string> =>
  Object.fromEntries(
    [
      'queue-lock.sqlite',
      'work-lock.sqlite',
      'workbench.sqlite',
      'workbench.sqlite-shm',
      'workbench.sqlite-wal',
    ].map((name) => [name, rights]),
  );

describe.skipIf(process.platform === 'win32')('a data directory', () => {
  test("that is made is its owner's alone", () => {
    expect(rightsWhenOpen()).toEqual({ '.': '700', ...files('600') });
  });

  test('from before is closed, with what lies in it', () => {
    rightsWhenOpen();
    for (const folder of ['runs', 'logs']) mkdirSync(join(directory, folder), { mode: 0o755 });
    for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o755);
    chmodSync(directory, 0o755);
    const { logs, runs, ...rights } = rightsWhenOpen();
    expect([logs, runs]).toEqual(['700', '700']);
    expect(rights).toEqual({ '.': '700', ...files('700'), 'workbench.sqlite-shm': '700' });
  });

  test("that holds other things stays open, and what is the workbench's own is closed", () => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'notes.txt'), 'for all', { mode: 0o644 });
    const { 'notes.txt': notes, '.': own, runs, exports, backups, ...rights } = rightsWhenOpen();
    expect([notes, own, runs, exports, backups]).toEqual(['644', '755', '700', '700', '700']);
    expect(rights).toMatchObject(files('600'));
  });

  test("that is a person's own folder keeps what was in it as it was", () => {
    mkdirSync(directory);
    const theirs = ['cache', 'logs', 'runs', 'templates'];
    for (const name of theirs) mkdirSync(join(directory, name));
    for (const time of ['first', 'second']) {
      const rights = rightsWhenOpen();
      expect(
        theirs.map((name) => rights[name]),
        time,
      ).toEqual(theirs.map(() => '755'));
      if (time === 'first') writeFileSync(join(directory, 'index.html'), '');
    }
  });

  test('that is a link is closed where it leads', () => {
    rightsWhenOpen();
    const real = join(above, 'elsewhere');
    renameSync(directory, real);
    symlinkSync(real, directory);
    for (const name of readdirSync(real)) chmodSync(join(real, name), 0o644);
    chmodSync(real, 0o755);
    const { '.': itself } = rightsWhenOpen();
    expect([itself, (statSync(real).mode & 0o777).toString(8)]).toEqual(['700', '700']);
  });

  test('in which everybody may make things stays so', () => {
    mkdirSync(directory);
    chmodSync(directory, 0o1777);
    expect(rightsWhenOpen()).toMatchObject({ '.': '777', ...files('600'), runs: '700' });
    expect(rightsWhenOpen()).toMatchObject({ '.': '777', ...files('600') });
  });

  test("of a group stays the group's", () => {
    mkdirSync(directory);
    chmodSync(directory, 0o2775);
    const rights = rightsWhenOpen();
    expect(rights).toMatchObject({ '.': '770', 'workbench.sqlite': '640' });
    expect(rights).toMatchObject({ 'queue-lock.sqlite': '660', runs: '770', logs: '770' });
    // What a person lets the group write stays so.
    chmodSync(join(directory, 'queue-lock.sqlite'), 0o666);
    expect(rightsWhenOpen()).toMatchObject({ 'queue-lock.sqlite': '660' });
  });

  test('of a group that looks only gives it no lock to hold', () => {
    mkdirSync(directory);
    chmodSync(directory, 0o2750);
    expect(rightsWhenOpen()).toMatchObject({ 'queue-lock.sqlite': '640', runs: '750' });
  });

  test('that nobody shared gives no group anything, whatever the group may do there', () => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'notes.txt'), '');
    chmodSync(directory, 0o775);
    expect(rightsWhenOpen()).toMatchObject(files('600'));
  });
});
