import type { GenerationSettings } from '../generation/generation-settings.ts';
import type { GeneratedRow } from '../generation/generator.ts';
import type { ItemResult, TaskFacts } from './item-result.ts';
import type { ScoredUnit } from './likelihood/scored-sequence.ts';

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

/** A task with its file read and its rows tokenized, the same for every subject. */
export interface PreparedTask {
  readonly facts: TaskFacts;
  readonly likelihood: readonly LikelihoodItem[];
  readonly written: readonly WrittenItem[];
}
