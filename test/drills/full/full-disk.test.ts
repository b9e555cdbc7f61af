import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { liveToTheEnd } from '../kill/kills.ts';
import { makeSmallRun, type SmallRun } from '../kill/small-run.ts';
import { onFullDisk } from './full-disk.ts';

describeWith('mounts', 'a data directory on a disk that is full to the last byte', () => {
  let directory: string;
  let disk: string;
  let run: SmallRun;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nora-full-'));
    disk = join(directory, 'disk');
    mkdirSync(disk);
    run = await makeSmallRun(directory);
    await liveToTheEnd(run);
    const inData = (...names: string[]): string => join(run.dataDirectory, ...names);
    mkdirSync(inData('runs/0123456789ab'), { recursive: true });
    mkdirSync(inData('cache/awsvd'), { recursive: true });
    for (const file of [
      inData('runs/0123456789ab/state'),
      inData(`cache/awsvd/${'ab'.repeat(32)}.safetensors`),
    ])
      writeFileSync(file, Buffer.alloc(200_000));
    const then = new Date(Date.now() - 3_600_000);
    for (const name of ['runs/0123456789ab/state', 'runs/0123456789ab']) utimesSync(inData(name), then, then);
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const ask = (temporary: string, ...commands: string[]) =>
    onFullDisk({ size: '24m', disk, contents: run.dataDirectory, temporary }, commands);

  it(
    'is looked at, checked, backed up, and cleared, and then worked with again',
    { timeout: 240_000 },
    async () => {
      const temporary = mkdtempSync(join(directory, 'tmp-'));
      const saved = join(temporary, 'saved.tar');
      const answers = await ask(
        temporary,
        'run list',
        'doctor --check',
        `backup ${saved}`,
        'queue pause',
        'storage --clear leftovers',
        'storage --clear cache',
        'queue resume --json',
      );
      const [list, check, backup, refused, leftovers, cache, resumed] = answers;
      expect(list).toMatchObject({
        code: 0,
        said: expect.stringMatching(/is on a disk that is full[^]*completed/),
      });
      expect(check).toMatchObject({ code: 0, said: expect.stringContaining('is on a disk that is full') });
      expect(backup).toMatchObject({ code: 0 });
      expect(refused).toMatchObject({
        said: expect.stringMatching(/error: .* is on a disk that is full: nothing can be started/),
      });
      expect(refused!.code).toBeGreaterThan(0);
      expect(leftovers).toMatchObject({ code: 0, said: expect.stringContaining('Removed 1 files') });
      expect(cache).toMatchObject({ code: 0, said: expect.stringContaining('Removed') });
      expect(resumed).toMatchObject({ code: 0, said: expect.not.stringContaining('disk that is full') });
      expect(readdirSync(temporary)).toEqual(['saved.tar']);
    },
  );

  it('is looked at where temporary files lie on that disk, too', { timeout: 120_000 }, async () => {
    const [list] = await ask(disk, 'run list');
    expect(list).toMatchObject({
      code: 0,
      said: expect.stringMatching(/is on a disk that is full[^]*completed/),
    });
  });
});
