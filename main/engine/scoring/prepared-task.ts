import type { GenerationSettings } from '../generation/generation-settings.ts';
import type { GeneratedRow } from '../generation/generator.ts';
import type { LabelledPicture } from '../data/pictures/sets/picture-set.ts';
import type { ItemResult, TaskFacts } from './item-result.ts';
import type { ScoredUnit } from './likelihood/scored-sequence.ts';
import type { PictureOutcome } from './pictures/picture-scorer.ts';

/** An item that is scored by how likely sequences are. */
export type LikelihoodItem = ScoredUnit<ItemResult>;

/** An item that is scored by what the model writes. */
export interface WrittenItem {
  readonly item: number;
  /** Tokens of the prompt. */
  readonly ids: readonly number[];
  readonly settings: GenerationSettings;
  readonly judge: (written: Pick<GeneratedRow, 'text' | 'finish'>) => ItemResult;
}

/** An item that is scored by which of several texts the model thinks likest to a picture. */
export interface PictureItem extends LabelledPicture {
  readonly item: number;
  readonly judge: (outcome: PictureOutcome) => ItemResult;
}

/** An item that is scored by how well the model finds the noise in a picture: one of a picture's draws. */
export interface DrawnItem {
  readonly item: number;
  /** @param loss the mean square over the latent's numbers */
  readonly judge: (loss: number) => ItemResult;
}

/** An item that is scored by a picture that the model draws, and by those who see it. */
export interface MeasuredItem {
  readonly item: number;
  readonly prompt: string;
  readonly seed: number;
}

/** A task with its file read and its rows tokenized, the same for every subject. */
export interface PreparedTask {
  readonly facts: TaskFacts;
  readonly likelihood: readonly LikelihoodItem[];
  readonly written: readonly WrittenItem[];
  readonly pictures: readonly PictureItem[];
  readonly drawn: readonly DrawnItem[];
  readonly measured: readonly MeasuredItem[];
}
