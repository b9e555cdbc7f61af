import { join } from 'node:path';
import { expect, test } from 'vitest';
import { integersOf, tensorOf } from '../../../main/engine/data/batches/batch.ts';
import {
  createPictureLoader,
  examplesOf,
} from '../../../main/engine/data/pictures/loading/picture-loader.ts';
import { clipView, type PictureView } from '../../../main/engine/data/pictures/views/picture-view.ts';
import { towersOf } from '../../../main/engine/models/compared-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { classPrompts } from '../../../main/engine/objectives/class-prompts.ts';

const pictures = join(import.meta.dirname, '../data/pictures/fixtures/pictures');

test('what the loader gives is what a tower and its objective take', async () => {
  const towers = towersOf(
    openModel(join(import.meta.dirname, '../../numeric/fixtures/clip/model')).architecture,
  );
  const [, side] = towers.pictures.input.shape as [number, number, number];
  const view: PictureView = {
    ...clipView,
    resize: { kind: 'shortest-edge', edge: side, filter: 'bicubic' },
    crop: { width: side, height: side },
  };
  const entries = ['photo-00.jpg', 'rgba.png', 'lossy.webp'].map((name, label) => ({
    name,
    place: name,
    label,
  }));
  const loader = createPictureLoader({
    folder: pictures,
    entries,
    view,
    orientation: 'as-stored',
    batchSize: 3,
    variation: null,
    seed: 1,
    epochs: 1,
    epochEnd: 'runs-on',
  });
  const loaded = (await loader.next())!;
  const { check, formRows, assemble } = classPrompts.batching({
    towers,
    prompts: [
      [58, 1, 59],
      [58, 2, 3, 59],
      [58, 4, 59],
    ],
    padId: 59,
  });
  const examples = examplesOf(loaded);
  check(examples);
  const batch = assemble(formRows(examples));
  const given = tensorOf(batch, towers.pictures.input.name);
  expect(given.shape).toEqual([3, 3, side, side]);
  expect(given.data).toEqual(loaded.pixels);
  expect([...integersOf(batch, 'label_targets')].map(Number)).toEqual(
    loaded.entries.map(({ label }) => label),
  );
});
