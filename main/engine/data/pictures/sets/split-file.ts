import { basename } from 'node:path';
import { z } from 'zod';
import { invalidInput } from '../../../errors.ts';
import { readJsonObject } from '../../../formats/json-text.ts';
import { plainName } from '../../../plain-line.ts';
import { checked } from '../../../problems.ts';
import {
  checkClasses,
  checkedName,
  twinsIn,
  type ClassifiedSet,
  type LabelledPicture,
  type Parts,
} from './picture-set.ts';

const entry = z.tuple([z.string(), z.int().min(0).max(1_000_000), z.string()]);
const schema = z.object({ train: z.array(entry), val: z.array(entry), test: z.array(entry) });

/** Whether an object has what CoOp's split_zhou_*.json files have. */
export const isSplit = (value: Readonly<Record<string, unknown>>): boolean =>
  Array.isArray(value['train']) && Array.isArray(value['val']) && Array.isArray(value['test']);

/**
 * A split as CoOp writes it: of train, val and test each a list of [path, label, class].
 * @param folder that the paths are within
 * @param keepTwins for published splits: classes that share a name are told, not refused
 * @throws WorkbenchError naming the file and the entry
 */
export const readSplitFile = (path: string, folder: string, { keepTwins = false } = {}): ClassifiedSet => {
  const file = basename(path);
  const split = checked(schema, readJsonObject(path), file);
  const names = new Map<number, { readonly name: string; readonly place: string }>();
  const read = (part: 'train' | 'val' | 'test'): LabelledPicture[] =>
    split[part].map(([picture, label, given], index) => {
      const place = `${file}: ${part}, entry ${index + 1}`;
      const name = plainName(given);
      const known = names.get(label);
      if (name.trim() === '') throw invalidInput(`${place}: its class has no name`);
      if (known !== undefined && known.name !== name)
        throw invalidInput(
          `${place}: the label ${label} is called "${name}", and "${known.name}" before (${known.place})`,
        );
      if (known === undefined) names.set(label, { name, place });
      return { name: checkedName(picture, place), place, label };
    });
  const parts: Parts<LabelledPicture> = { train: read('train'), validation: read('val'), test: read('test') };
  const classes = classesOf(names, parts, file);
  if (!keepTwins) checkClasses(classes, file);
  return { kind: 'classes', folder, source: file, classes, parts, notices: twinNotices(classes) };
};

const classesOf = (
  names: ReadonlyMap<number, { readonly name: string; readonly place: string }>,
  { train }: Parts<LabelledPicture>,
  file: string,
): string[] => {
  if (train.length === 0) throw invalidInput(`${file}: has no pictures to train on`);
  const trained = new Set(train.map(({ label }) => label));
  const count = Math.max(...names.keys()) + 1;
  for (const [label, { name, place }] of names)
    if (!trained.has(label))
      throw invalidInput(`${place}: the class "${name}" (label ${label}) has no picture to train on`);
  return Array.from({ length: count }, (_, label) => {
    const known = names.get(label);
    if (known === undefined)
      throw invalidInput(`${file}: labels go up to ${count - 1}, and no picture has the label ${label}`);
    return known.name;
  });
};

export const twinNotices = (classes: readonly string[]): string[] =>
  twinsIn(classes).map(
    (twins) =>
      `${twins.length} classes are called "${twins[0]!}", as published: no prompt tells them apart, and the first is answered`,
  );
