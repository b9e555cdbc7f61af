import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import type { Model } from '../models/model.ts';
import type { GenerationArm, Generator } from './generator.ts';

export interface GeneratorOptions {
  /** Of the next-token objective; its `base` may be in fewer bits. */
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** All use one copy of the base's weights. */
  readonly arms: readonly GenerationArm[];
  /** null takes one per physical core. */
  readonly threads: number | null;
}

export type CreateGenerator = (options: GeneratorOptions) => Promise<Generator>;
