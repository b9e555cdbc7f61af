import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { drawHead } from '../../../main/engine/models/classifier/draw-head.ts';
import { encoderAlone, writeClassifierFolder } from '../../support/classifier-folder.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-head-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const folder = openModelFolder(writeClassifierFolder(join(workspace, 'bert'), 'bert', encoderAlone('bert')));
const directory = join(workspace, 'cache');
const draw = () => drawHead(folder, ['a', 'b', 'c'], { directory, seed: 3 });
const fileOf = (): string => join(directory, readdirSync(directory)[0]!);

test('a head is found again as it was drawn, and left alone', () => {
  const first = draw();
  const { ino } = statSync(fileOf());
  expect(draw()).toEqual(first);
  expect(statSync(fileOf()).ino).toBe(ino);
});

test.each([
  ['a bit of a weight', (bytes: Buffer) => void (bytes[bytes.length - 3]! ^= 1)],
  ['a bit of its header', (bytes: Buffer) => void (bytes[12]! ^= 1)],
])('one in which %s has changed is drawn anew', (_, damage) => {
  draw();
  const whole = readFileSync(fileOf());
  const damaged = Buffer.from(whole);
  damage(damaged);
  writeFileSync(fileOf(), damaged);
  draw();
  expect(readFileSync(fileOf()).equals(whole)).toBe(true);
});

test('one that is cut off is drawn anew', () => {
  draw();
  const whole = readFileSync(fileOf());
  writeFileSync(fileOf(), whole.subarray(0, whole.length / 2));
  draw();
  expect(readFileSync(fileOf()).equals(whole)).toBe(true);
});
