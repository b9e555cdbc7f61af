import { dirname, join } from 'node:path';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from './atomic-file.ts';
import { isObject } from '../json-value.ts';
import { readJsonObject } from './json-text.ts';
import type { ModelFolder, StoredPart, StoredTensor, TensorLocation } from './model-folder.ts';
import { findNonFinite } from './non-finite.ts';
import { pathIn } from './path-in.ts';
import { readRegularFile } from './regular-file.ts';
import { readChunks, transposeBytes } from './safetensors-reader.ts';
import { encodeFloat32, writeSafetensors } from './safetensors-writer.ts';
import { bytesPerElement, elementCount, isFloatDtype } from './tensor-dtype.ts';
import { makeFolder } from './make-folder.ts';

export interface WriteModelFolderOptions {
  /** The base model: its files, names, order, data types and metadata are kept. */
  readonly source: ModelFolder;
  readonly destination: string;
  /** A weight's new values, row-major in its shape, or undefined to copy it byte for byte. Asked for one at a time, in the folder's order. */
  readonly replace: (name: string, location: TensorLocation) => Float32Array | undefined;
  /** New tensors, each with the file, shape and data type of one that is there, and the values that `replace` gives it. */
  readonly added?: readonly { readonly name: string; readonly like: string }[];
  /** Written beside the model's files; one of the same name takes the place of the model's. */
  readonly extraFiles?: readonly { readonly name: string; readonly contents: string | Uint8Array }[];
  /** Called as each tensor's turn comes; may throw to stop, which leaves nothing behind. */
  readonly onProgress?: (done: { readonly tensors: number; readonly of: number }) => void;
}

/**
 * Writes a model with some of its weights replaced, in the same layout as its base. New values are rounded to the base's data type.
 * @throws WorkbenchError 'conflict' for an occupied destination, 'no-space', or 'invalid-input' if a new weight is not finite
 *   or too large for the base's data type
 */
export const writeModelFolder = async (options: WriteModelFolderOptions): Promise<void> => {
  await writeDirectoryWhole(options.destination, (directory) => fillFolder(directory, options));
};

const fillFolder = (
  directory: string,
  { source, replace, added = [], extraFiles = [], onProgress }: WriteModelFolderOptions,
): void => {
  const missing = added.filter(({ name }) => !source.tensors.has(name));
  const namesWith = (name: string): string[] => [
    name,
    ...missing.filter(({ like }) => like === name).map((one) => one.name),
  ];
  const locations = new Map([
    ...source.tensors,
    ...missing.map(({ name, like }) => [name, source.tensors.get(like)!] as const),
  ]);
  const files = new Map<string, () => string | Uint8Array>();
  for (const name of source.auxiliaryFiles)
    files.set(
      name,
      () => source.rewrittenFiles?.get(name) ?? readRegularFile(pathIn(source.directory, name)),
    );
  // The same tensors of the same sizes in the same files: but for what is added, the base's index holds as it is.
  if (source.indexFile !== undefined) {
    const index = pathIn(source.directory, source.indexFile);
    files.set(source.indexFile, () =>
      missing.length === 0 ? readRegularFile(index) : indexWith(index, missing, source),
    );
  }
  for (const { name, contents } of extraFiles) files.set(name, () => contents);
  for (const [name, contents] of files) {
    const path = join(directory, name);
    makeFolder(dirname(path));
    writeFileWhole(path, contents());
  }

  let tensors = 0;
  const partBytes = (part: StoredPart): Iterable<Uint8Array> => {
    if (part.of === null) return readChunks(part.location);
    onProgress?.({ tensors: tensors++, of: locations.size });
    const location = locations.get(part.of)!;
    const values = replace(part.of, location);
    const bytes = values === undefined ? readChunks(location) : roundedTo(location, part.of, values);
    return part.turned === true ? [turned(bytes, location)] : bytes;
  };
  for (const { fileName, tensorNames, stored, metadata } of source.shards) {
    const path = join(directory, fileName);
    makeFolder(dirname(path));
    const written = (stored ?? tensorNames.flatMap(namesWith).map(underItsName(locations))).map(
      ({ name, shape, parts }) => ({
        name,
        dtype: parts[0] === undefined ? 'F32' : locationOf(parts[0], locations).dtype,
        shape,
        data: () => oneBehindTheOther(parts, partBytes),
      }),
    );
    writeSafetensors(path, written, metadata);
  }
  onProgress?.({ tensors, of: locations.size });
};

type Locations = ReadonlyMap<string, TensorLocation>;

const underItsName =
  (locations: Locations) =>
  (name: string): StoredTensor => ({ name, shape: locations.get(name)!.shape, parts: [{ of: name }] });

const locationOf = (part: StoredPart, locations: Locations): TensorLocation =>
  part.of === null ? part.location : locations.get(part.of)!;

function* oneBehindTheOther(
  parts: readonly StoredPart[],
  bytesOf: (part: StoredPart) => Iterable<Uint8Array>,
): Generator<Uint8Array, void, undefined> {
  for (const part of parts) yield* bytesOf(part);
}

/** A matrix's bytes with rows for columns. Held whole, so for small ones: a projection. */
const turned = (pieces: Iterable<Uint8Array>, { shape, dtype }: TensorLocation): Uint8Array => {
  const [rows, columns] = shape as [number, number];
  const bytes = Buffer.concat([...copies(pieces)]);
  return transposeBytes(bytes, rows, columns, bytesPerElement[dtype]);
};

/** Each piece is valid until the next is asked for. */
function* copies(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void, undefined> {
  for (const piece of pieces) yield piece.slice();
}

/** An index file's text with more tensors, each in the file of the one that it is like. */
const indexWith = (
  path: string,
  added: readonly { readonly name: string; readonly like: string }[],
  { tensors }: ModelFolder,
): string => {
  const index = readJsonObject(path);
  const weightMap = index['weight_map'] as Record<string, string>;
  const metadata = isObject(index['metadata']) ? index['metadata'] : {};
  const bytes = added.reduce((sum, { like }) => sum + tensors.get(like)!.length, 0);
  const files = added.map(({ name, like }) => [name, weightMap[like]] as const);
  const changed = {
    ...index,
    metadata: { ...metadata, total_size: Number(metadata['total_size'] ?? 0) + bytes },
    weight_map: { ...weightMap, ...Object.fromEntries(files) },
  };
  return `${JSON.stringify(changed, null, 2)}\n`;
};

/** The bytes of new values in the base's data type, checked to be finite there. */
function* roundedTo(
  { dtype, shape }: TensorLocation,
  name: string,
  values: Float32Array,
): Generator<Uint8Array, void, undefined> {
  if (!isFloatDtype(dtype))
    throw new WorkbenchError(
      'unsupported',
      `weight ${name}: holds ${dtype} in the base model and can't be replaced`,
    );
  if (values.length !== elementCount(shape)) {
    throw new TypeError(`weight ${name}: ${values.length} new values for the shape [${shape.join(', ')}]`);
  }
  for (const bytes of encodeFloat32(values, dtype)) {
    const found = findNonFinite(bytes, dtype);
    if (found !== undefined)
      throw invalidInput(
        `weight ${name}: a new value is ${found.value} in the base model's data type ${dtype}`,
      );
    yield bytes;
  }
}
