import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import type { ModelFile } from '../../../engine/formats/model-file-schema.ts';
import type { Model } from '../../../engine/models/model.ts';

/** What pictures are drawn with: all of a diffusion model, whatever of it steps need. */
export interface DrawingSource {
  /** With the layer of its text encoders that the run asks for. */
  readonly model: Model;
  /** Of each text encoder. */
  readonly tokenizers: readonly Tokenizer[];
  /** The setting by which that layer was chosen; null for the model's own. */
  readonly clipSkip: number | null;
  /** What its files hold; undefined where nobody has looked, and nothing that it drew can be found again. */
  readonly files: readonly ModelFile[] | undefined;
  /** What it is called, for a picture's file. */
  readonly name: string;
  readonly threads: number | null;
}
