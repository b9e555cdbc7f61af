import { readdirSync, readFileSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import { explainError } from '../../../main/engine/formats/explain-error.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();

const thrownBy = async (act: () => unknown): Promise<unknown> => {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

const said = (error: unknown): [code: string, message: string] => {
  const { code, message } = explainError(error);
  return [code, message];
};

const memory =
  'the memory ran out; a smaller training.batchSize or training.sequenceLength, or training.memory: low, takes less';

describe('the operating system', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  symlinkSync('loop', join(root, 'loop'));
  const long = join(root, 'n'.repeat(300));

  it.each<[string, () => unknown, string]>([
    [
      'a folder that is not there',
      () => readdirSync(join(root, 'none')),
      `${join(root, 'none')}: no such file`,
    ],
    [
      'a file where a folder is asked for',
      () => readFileSync(join(file, 'below')),
      `${join(file, 'below')}: a part of the path is a file, not a folder`,
    ],
    ['a folder in the way', () => mkdirSync(root), `${root}: something of that name is in the way`],
    ['a folder as a file', () => openSync(root, 'w'), `${root}: is a folder, not a file`],
    [
      'links in a circle',
      () => readFileSync(join(root, 'loop')),
      `${join(root, 'loop')}: its symbolic links lead in a circle`,
    ],
    ['a long name', () => mkdirSync(long), `${long}: the name is longer than the file system allows`],
  ])('%s', async (_, act, message) => expect(said(await thrownBy(act))[1]).toBe(message));

  it.each([
    ['EACCES', 'open', 'no permission to read'],
    ['EACCES', 'mkdir', 'no permission to write'],
    ['EPERM', 'unlink', 'no permission to write'],
    ['EROFS', 'open', 'lies on a disk that can only be read'],
    ['ENOSPC', 'write', 'no space left on the disk; nothing was written'],
    ['EMFILE', 'open', 'too many files are open; close other programs and try again'],
    ['EIO', 'read', 'the disk could not be read or written; it may be damaged'],
  ])('%s of %s', (code, syscall, text) => {
    const error = Object.assign(new Error(`${code}: raw`), { code, syscall, path: '/data/rows.jsonl' });
    expect(said(error)[1]).toBe(`/data/rows.jsonl: ${text}`);
  });
});

describe('ONNX Runtime', () => {
  it('names no operator, file or status of its own', async () => {
    const g = createGraphBuilder();
    const rows = g.gatherRows(g.input('table', 'float32', [3, 2]), g.input('indices', 'int64', ['n']));
    const session = await createSession(g.build({ rows }), { threads: 1 });
    const error = await thrownBy(() =>
      session.run({
        table: { shape: [3, 2], data: new Float32Array(6) },
        indices: { shape: [1], data: BigInt64Array.of(7n) },
      }),
    );
    await session.release();
    expect(String(error)).toContain('Non-zero status code');
    expect(said(error)).toEqual([
      'internal',
      'the model was given a number that one of its tables has no row for (in Gather): its tokenizer and its weights do not fit together',
    ]);
  });

  it('says that the memory ran out', async () => {
    const size = 3_000_000;
    const g = createGraphBuilder();
    const product = g.matmul(g.input('x', 'float32', [size, 1]), g.input('y', 'float32', [1, size]));
    const session = await createSession(g.build({ sum: g.sum(product, [0, 1]) }), { threads: 1 });
    const data = new Float32Array(size);
    const error = await thrownBy(() =>
      session.run({ x: { shape: [size, 1], data }, y: { shape: [1, size], data } }),
    );
    await session.release();
    expect(said(error)).toEqual(['internal', memory]);
  });

  it.each([
    ['std::bad_alloc', memory],
    [
      'WebGPU device lost (2): A valid external Instance reference no longer exists.',
      'the graphics device stopped answering; try again, and choose the CPU if it happens anew',
    ],
    [
      'Load model from /m/model.onnx failed:ORT_FAIL',
      'the weights could not be read where they lie; see that the model is still in its folder, whole',
    ],
    [
      "Non-zero status code returned while running Softmax node. Name:'x' Status Message: shader",
      "ONNX Runtime could not compute the model's graph (in Softmax); choose another device if there is one, and please report it",
    ],
  ])('%s', (raw, message) => expect(said(new Error(raw))).toEqual(['internal', message]));
});

it.each([
  ['ERR_DLOPEN_FAILED', 'libonnxruntime.so.1: cannot open shared object file: No such file or directory'],
  [
    'MODULE_NOT_FOUND',
    "Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'\nRequire stack:",
  ],
])('a library that does not load is no fault of the weights: %s', (code, raw) =>
  expect(said(Object.assign(new Error(raw), { code }))).toEqual([
    'internal',
    `a part of the workbench does not load (${raw.split('\n')[0]}); install it again (in a checkout: npm ci)`,
  ]),
);

it('a buffer that is too large is memory that ran out', async () =>
  expect(said(await thrownBy(() => new Float64Array(2 ** 45)))).toEqual(['internal', memory]));

it('a schema names the fields alone', async () => {
  const error = await thrownBy(() =>
    z.strictObject({ a: z.object({ b: z.int() }) }).parse({ a: { b: 'x' }, c: 1 }),
  );
  expect(said(error)).toEqual(['internal', 'something kept is not as this version keeps it (a.b; c)']);
});

it('what is for people stays as it is, and a defect is called one', () => {
  const error = new WorkbenchError('conflict', 'busy');
  expect(explainError(error)).toBe(error);
  expect(said(new TypeError('x is not a function\n  at y'))).toEqual([
    'internal',
    'something went wrong inside the workbench (TypeError: x is not a function)',
  ]);
  expect(said('text')).toEqual(['internal', 'something went wrong inside the workbench (text)']);
});
