import { formBatches } from '../../engine/scoring/likelihood/form-batches.ts';
import type { SequenceRow } from '../../engine/scoring/likelihood/form-rows.ts';
import type { ScoredUnit, SequenceOutcome } from '../../engine/scoring/likelihood/scored-sequence.ts';
import {
  createSequenceScorer,
  isCausal,
  limitsOf,
  type SequenceScorer,
} from '../../engine/scoring/likelihood/sequence-scorer.ts';
import type { ItemResult } from '../../engine/scoring/item-result.ts';
import { foldSubject, shapeKey } from '../../engine/scoring/subjects/fold-subject.ts';
import type { BaseInputs } from '../../engine/train/model/base-inputs.ts';
import { orUnscored, type ScoringInProgress } from './scoring-in-progress.ts';
import type { Work } from './work-left.ts';

interface BatchedWork extends Work {
  readonly batches: readonly (readonly SequenceRow<ItemResult>[])[];
}

/** Scores all items that go by likelihood: subjects whose adapters have the same shapes with one compiled model. */
export const scoreLikelihood = async (
  work: readonly Work[],
  inProgress: ScoringInProgress,
): Promise<void> => {
  const batched = work
    .filter(({ task, subject }) => task.likelihood.length > 0 && subject.problem === null)
    .map((each): BatchedWork => ({ ...each, batches: batchesOf(each, inProgress) }));
  const groups = Map.groupBy(batched, ({ subject }) => shapeKey(subject.trained));
  for (const group of groups.values()) await scoreGroup(group, inProgress);
};

const batchesOf = (
  { task }: Work,
  { specification, opened: { model } }: ScoringInProgress,
): SequenceRow<ItemResult>[][] =>
  formBatches(task.likelihood, {
    // As many as batches of the run have, so that scoring fits where that did.
    tokensAtMost: specification.batchSize * specification.sequenceLength,
    hiddenSize: model.architecture.hiddenSize,
    causal: isCausal(model),
  });

const scoreGroup = async (group: readonly BatchedWork[], inProgress: ScoringInProgress): Promise<void> => {
  const { specification, padId } = inProgress;
  const scorer = await createSequenceScorer({
    ...group[0]!.subject.trained,
    ...limitsOf(group.flatMap(({ batches }) => batches)),
    padId,
    threads: specification.threads,
    device: specification.device,
  });
  try {
    for (const ofSubject of Map.groupBy(group, ({ subject }) => subject).values()) {
      const folded = await foldSubject(ofSubject[0]!.subject.trained);
      for (const work of ofSubject)
        await orUnscored(work, inProgress, () => scoreWork(work, scorer, folded, inProgress));
    }
  } finally {
    await scorer.release();
  }
};

const scoreWork = async (
  { subject, task, batches }: BatchedWork,
  scorer: SequenceScorer,
  folded: BaseInputs,
  { portions, breathe }: ScoringInProgress,
): Promise<void> => {
  const outcomes = new Map<ScoredUnit<ItemResult>, SequenceOutcome[]>();
  for (const rows of batches) {
    await breathe();
    const scored = await scorer.score(rows, folded);
    for (const [row, { entries }] of rows.entries())
      for (const [at, { unit, index }] of entries.entries()) {
        const ofUnit = outcomes.get(unit) ?? [];
        ofUnit[index] = scored[row]![at]!;
        outcomes.set(unit, ofUnit);
        // Its sequences may stand in different batches.
        if (Object.keys(ofUnit).length < unit.sequences.length) continue;
        outcomes.delete(unit);
        portions.add(subject.id, task.facts.task, unit.judge(ofUnit));
      }
  }
};
