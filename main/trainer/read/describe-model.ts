import { tokenizersOf } from '../../engine/data/tokens/pipeline-tokenizers.ts';
import type { ModelFolder } from '../../engine/formats/model-folder.ts';
import { describeModel } from '../../engine/models/describe-model.ts';
import type { DescribedModel } from '../protocol/described-schema.ts';

/** @throws WorkbenchError naming the file and field; `unsupported` for an architecture that the engine does not know */
export const describeFolder = (folder: ModelFolder): DescribedModel => {
  const described = describeModel(folder);
  // A model that sees pictures alone has none.
  const tokenizers = described.vocabularySize === 0 ? [] : tokenizersOf(folder);
  return {
    ...described,
    notices: [...described.notices, ...tokenizers.flatMap(({ notices }) => notices)],
    directory: folder.directory,
    dtype: mainDtype(folder),
    bytes: weightBytes(folder),
    hasChatTemplate: tokenizers.some(({ chatTemplate }) => chatTemplate !== undefined),
  };
};

export const weightBytes = ({ tensors }: ModelFolder): number =>
  [...tensors.values()].reduce((sum, { length }) => sum + length, 0);

const dtypeNames: Readonly<Record<string, string>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
};

/** The dtype that most bytes are in, as Hugging Face calls it. */
const mainDtype = (folder: ModelFolder): string => {
  const bytesOf = new Map<string, number>();
  for (const { dtype, length } of folder.tensors.values())
    bytesOf.set(dtype, (bytesOf.get(dtype) ?? 0) + length);
  const [main = 'unknown'] = [...bytesOf.keys()].sort((a, b) => bytesOf.get(b)! - bytesOf.get(a)!);
  return dtypeNames[main] ?? main;
};
