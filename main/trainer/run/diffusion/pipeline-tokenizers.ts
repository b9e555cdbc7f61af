import { join } from 'node:path';
import { loadTokenizer, type Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import { diffusionOf } from '../../../engine/models/diffusion-model.ts';
import type { Model } from '../../../engine/models/model.ts';

const folders = { text_encoder: 'tokenizer', text_encoder_2: 'tokenizer_2' } as const;

/** One for each text encoder, in their order. @throws WorkbenchError naming the file */
export const pipelineTokenizers = ({ folder, architecture }: Model): Tokenizer[] =>
  diffusionOf(architecture).texts.map(({ module }) => loadTokenizer(join(folder.directory, folders[module])));
