import { readAdapterTemplate } from '../../engine/adapters/folder/adapter-folder.ts';
import { defaultChatTemplate } from '../../engine/data/chat/chat-template.ts';
import { withTemplate } from '../../engine/data/chat/own-template.ts';
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
  /** By arm: with the chat template that its adapter was trained with. */
  readonly tokenizers: readonly Tokenizer[];
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
  const tokenizers = arms.map((directory) => tokenizerOfArm(tokenizer, directory));
  return { model, tokenizer, tokenizers, generator, arms: arms.length, notices };
};

/** The workbench's own template stands in for a missing one, and never takes the place of a model's. */
const tokenizerOfArm = (tokenizer: Tokenizer, adapterDirectory: string | null): Tokenizer => {
  const template = adapterDirectory === null ? undefined : readAdapterTemplate(adapterDirectory);
  return template === defaultChatTemplate ? tokenizer : withTemplate(tokenizer, template);
};
