import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Graph } from '../../../main/engine/graph/graph.ts';
import { externalWeights } from '../../../main/engine/runtime/external-weights.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'nora-external-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const graphOf = (...files: readonly string[]): Graph =>
  ({ initializers: files.map((file) => ({ source: { kind: 'file', file } })) }) as unknown as Graph;

const namesIn = (graph: Graph): unknown[] =>
  graph.initializers.map(({ source }) => (source.kind === 'file' ? source.file : null));

test('a pipeline’s parts are read from the folder that holds them all, and nothing is written beside them', () => {
  for (const part of ['unet', 'vae']) {
    mkdirSync(join(root, part));
    writeFileSync(join(root, part, 'weights'), part);
  }
  symlinkSync(join(root, 'vae/weights'), join(root, 'link'));
  const { graph, folder } = externalWeights(graphOf(join(root, 'unet/weights'), join(root, 'link')));
  expect(folder).toBe(root);
  expect(namesIn(graph)).toEqual(['unet/weights', 'vae/weights']);
  expect(readdirSync(root, { recursive: true }).sort()).toEqual(
    ['link', 'unet', join('unet', 'weights'), 'vae', join('vae', 'weights')].sort(),
  );
  // A folder whose name begins like another one is not within it.
  mkdirSync(join(root, 'unet-2'));
  writeFileSync(join(root, 'unet-2/weights'), '');
  expect(externalWeights(graphOf(join(root, 'unet/weights'), join(root, 'unet-2/weights'))).folder).toBe(
    root,
  );
});

test('one folder alone is that folder, and no file none', () => {
  writeFileSync(join(root, 'alone'), '');
  const { graph, folder } = externalWeights(graphOf(join(root, 'alone')));
  expect([folder, ...namesIn(graph)]).toEqual([root, 'alone']);
  expect(externalWeights(graphOf()).folder).toBeUndefined();
});
