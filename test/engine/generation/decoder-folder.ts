import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { readLocationFloat32 } from '../../../main/engine/formats/safetensors-reader.ts';
import { writeSafetensors } from '../../../main/engine/formats/safetensors-writer.ts';
import type { Tokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';

export const fixtures = join(import.meta.dirname, '../../numeric/fixtures');

/** Folders of a test, removed after it. */
export const scratch = (): { directory: string; remove: () => void } => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-generation-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
};

/** A fixture's model with room for more positions, as fixtures/make_greedy.py has it: GPT-2's table goes on with its rows negated. */
export const withPositions = (name: string, positions: number, directory: string): string => {
  const folder = openModelFolder(join(fixtures, name, 'model'));
  const isGpt2 = folder.config['model_type'] === 'gpt2';
  const target = join(directory, name);
  mkdirSync(target, { recursive: true });
  writeFileSync(
    join(target, 'config.json'),
    JSON.stringify({
      ...folder.config,
      ...(isGpt2 ? { n_positions: positions, n_ctx: positions } : { max_position_embeddings: positions }),
    }),
  );
  writeSafetensors(
    join(target, 'model.safetensors'),
    [...folder.tensors].map(([tensor, location]) => {
      const data = readLocationFloat32(location, tensor);
      const isTable = tensor.endsWith('wpe.weight');
      const all = isTable ? Float32Array.from([...data, ...data.map((value) => -value)]) : data;
      const shape = isTable ? [positions, location.shape[1]!] : location.shape;
      return { name: tensor, dtype: 'F32' as const, shape, data: () => all };
    }),
  );
  return target;
};

/** One letter for each token, where only ids matter. */
export const letters: Tokenizer = {
  encode: (text) => [...text].map((letter) => letter.codePointAt(0)! - 32),
  encodeWithOffsets: () => {
    throw new Error('not asked for');
  },
  encodePair: () => {
    throw new Error('not asked for');
  },
  decode: (ids) => ids.map((id) => String.fromCodePoint(id + 32)).join(''),
  tokenText: (id) => String.fromCodePoint(id + 32),
  isSpecial: () => false,
  marksContinuations: false,
  vocabularySize: 128,
  specialTokens: {},
  padSide: 'right',
  masksPadding: true,
  notices: [],
};

export const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
