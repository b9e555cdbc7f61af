import { loadTokenizer, type Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { hashesByPath } from '../../engine/formats/model-identity.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import { createGenerator } from '../../engine/generation/create-generator.ts';
import type { Generator } from '../../engine/generation/generator.ts';
import { readModel, type Model } from '../../engine/models/model.ts';
import { withBaseFormat } from '../../engine/models/weights/quantized-base.ts';
import { objectiveOfFolder } from '../../engine/objectives/index.ts';
import type { GenerateSpecification } from '../protocol/protocol.ts';
import { baseNotices } from '../run/base-notices.ts';
import { openArm } from './open-arm.ts';

/** A model that writes, with its arms. */
export interface OpenSession {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly generator: Generator;
  readonly arms: number;
  /** What a person should know of the model. */
  readonly notices: readonly string[];
}

/** Opens a model and the adapters beside each other on it. @throws WorkbenchError for a model that writes no text */
export const openSession = async (specification: GenerateSpecification): Promise<OpenSession> => {
  const { modelDirectory, modelFiles = [], arms, baseFormat, cacheDirectory, threads } = specification;
  const folder = openModelFolder(modelDirectory);
  const objective = objectiveOfFolder(folder);
  if (objective !== 'next-token')
    throw new WorkbenchError(
      'unsupported',
      `${modelDirectory}: this model is made for ${objective}: it writes no text`,
    );
  assertFinite(folder);
  const original = readModel(folder);
  const model = withBaseFormat(original, baseFormat, {
    ...(cacheDirectory === null ? {} : { cacheFolder: cacheDirectory }),
    hashes: hashesByPath(modelDirectory, modelFiles),
  });
  const tokenizer = loadTokenizer(modelDirectory);
  const generator = await createGenerator({
    model,
    tokenizer,
    arms: arms.map((directory) => openArm(original, directory)),
    threads,
  });
  const notices = [...original.notices, ...tokenizer.notices, ...baseNotices(model)];
  return { model, tokenizer, generator, arms: arms.length, notices };
};
