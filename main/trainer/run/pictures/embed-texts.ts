import type { DeviceName } from '../../../engine/runtime/device-names.ts';
import { towersOf } from '../../../engine/models/compared-model.ts';
import type { Model } from '../../../engine/models/model.ts';
import { embedSide } from '../../../engine/objectives/pictures/embed-side.ts';
import { textSide, type TextRow } from '../../../engine/objectives/pictures/row-tensors.ts';

/** Texts that are embedded at a time: the pass over all of them must not take more than a step does. */
const textsAtATime = 64;

interface EmbedTextsOptions {
  readonly threads: number | null;
  readonly device: DeviceName;
  /** Told between portions; what it throws ends it. */
  readonly onPortion: (done: number, total: number) => Promise<void>;
}

export interface PaddedTexts {
  readonly rows: readonly (readonly number[])[];
  readonly padId: number;
}

/** The embeddings of texts, once, by a text tower that nothing changes. */
export const embedTexts = async (
  whole: Model,
  { rows, padId }: PaddedTexts,
  { threads, device, onPortion }: EmbedTextsOptions,
): Promise<readonly TextRow[]> => {
  const tower = towersOf(whole.architecture).texts;
  const portions = async function* () {
    for (let from = 0; from < rows.length; from += textsAtATime) {
      await onPortion(from, rows.length);
      yield textSide(tower, rows.slice(from, from + textsAtATime), padId);
    }
  };
  return embedSide(whole, 'texts', portions(), { threads, device });
};
