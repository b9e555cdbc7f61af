import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from './atomic-file.ts';
import type { WriteDirectoryOptions } from './atomic-file.ts';
import { readBytes } from './json-text.ts';
import type { ModelFolder, TensorLocation } from './model-folder.ts';
import { findNonFinite } from './non-finite.ts';
import { readChunks } from './safetensors-reader.ts';
import { encodeFloat32, writeSafetensors } from './safetensors-writer.ts';
import { elementCount, isFloatDtype } from './tensor-dtype.ts';

export interface WriteModelFolderOptions extends WriteDirectoryOptions {
  /** The base model: its files, names, order, data types and metadata are kept. */
  readonly source: ModelFolder;
  readonly destination: string;
  /** A weight's new values, row-major in its shape, or undefined to copy it byte for byte. Asked for one at a time, in the folder's order. */
  readonly replace: (name: string, location: TensorLocation) => Float32Array | undefined;
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
export async function writeModelFolder(options: WriteModelFolderOptions): Promise<void> {
  const { destination, replaceExisting = false } = options;
  await writeDirectoryWhole(destination, (directory) => fillFolder(directory, options), { replaceExisting });
}

function fillFolder(
  directory: string,
  { source, replace, extraFiles = [], onProgress }: WriteModelFolderOptions,
): void {
  const files = new Map<string, () => string | Uint8Array>();
  for (const name of source.auxiliaryFiles)
    files.set(name, () => source.rewrittenFiles?.get(name) ?? readBytes(join(source.directory, name)));
  // The same tensors of the same sizes in the same files: the base's index holds as it is.
  if (source.indexFile !== undefined)
    files.set(source.indexFile, () => readBytes(join(source.directory, source.indexFile!)));
  for (const { name, contents } of extraFiles) files.set(name, () => contents);
  for (const [name, contents] of files) writeFileWhole(join(directory, name), contents());

  let tensors = 0;
  for (const { fileName, tensorNames, metadata } of source.shards) {
    const path = join(directory, fileName);
    mkdirSync(dirname(path), { recursive: true });
    const written = tensorNames.map((name) => {
      const location = source.tensors.get(name)!;
      const data = (): Iterable<Uint8Array> => {
        onProgress?.({ tensors: tensors++, of: source.tensors.size });
        const values = replace(name, location);
        return values === undefined ? readChunks(location) : roundedTo(location, name, values);
      };
      return { name, dtype: location.dtype, shape: location.shape, data };
    });
    writeSafetensors(path, written, metadata);
  }
  onProgress?.({ tensors, of: source.tensors.size });
}

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
