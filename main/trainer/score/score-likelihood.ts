import { formBatches, type SequenceBatch } from '../../engine/scoring/likelihood/form-batches.ts';
import type { ScoredUnit, SequenceOutcome } from '../../engine/scoring/likelihood/scored-sequence.ts';
import {
  createSequenceScorer,
  limitsOf,
  type SequenceScorer,
} from '../../engine/scoring/likelihood/sequence-scorer.ts';
import type { ItemResult } from '../../engine/scoring/item-result.ts';
import { foldSubject, shapeKey } from '../../engine/scoring/subjects/fold-subject.ts';
import type { BaseInputs } from '../../engine/train/model/base-inputs.ts';
import { orUnscored, type ScoringInProgress } from './scoring-in-progress.ts';
import type { Work } from './work-left.ts';

interface BatchedWork extends Work {
  readonly batches: readonly SequenceBatch<ItemResult>[];
}

/** Scores all items that go by likelihood: subjects whose adapters have the same shapes with one compiled model. */
export const scoreLikelihood = async (
  work: readonly Work[],
  inProgress: ScoringInProgress,
): Promise<void> => {
  const { batchSize } = inProgress.specification;
  const batched = work
    .filter(({ task, subject }) => task.likelihood.length > 0 && subject.problem === null)
    .map((each): BatchedWork => ({ ...each, batches: formBatches(each.task.likelihood, batchSize) }));
  const groups = Map.groupBy(batched, ({ subject }) => shapeKey(subject.trained));
  for (const group of groups.values()) await scoreGroup(group, inProgress);
};

const scoreGroup = async (group: readonly BatchedWork[], inProgress: ScoringInProgress): Promise<void> => {
  const { specification, padId } = inProgress;
  const sequences = group.flatMap(({ batches }) =>
    batches.map(({ entries }) => entries.map(({ sequence }) => sequence)),
  );
  const scorer = await createSequenceScorer({
    ...group[0]!.subject.trained,
    ...limitsOf(sequences),
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
  for (const { entries } of batches) {
    await breathe();
    const scored = await scorer.score(
      entries.map(({ sequence }) => sequence),
      folded,
    );
    for (const [index, { unit }] of entries.entries()) {
      const ofUnit = outcomes.get(unit) ?? [];
      outcomes.set(unit, [...ofUnit, scored[index]!]);
      if (ofUnit.length + 1 < unit.sequences.length) continue;
      outcomes.delete(unit);
      portions.add(subject.id, task.facts.task, unit.judge([...ofUnit, scored[index]!]));
    }
  }
};
