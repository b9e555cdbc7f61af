import { join } from 'node:path';
import type { ItemResult, TaskFacts } from '../../main/engine/scoring/item-result.ts';
import type { TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { scoreSpecificationSchema } from '../../main/trainer/protocol/score-schema.ts';
import { scoreSubjects } from '../../main/trainer/score/score-subjects.ts';
import { root } from '../support/paths.ts';

export interface ScoreRequest {
  readonly tasks: readonly object[];
  readonly [setting: string]: unknown;
}

export const sampleModel = join(root, 'main/sample/model');

/** Runs a score job in this process; what it reported, by task and subject. */
export const scored = async (
  request: ScoreRequest,
  shouldStop: (events: readonly TrainerEvent[]) => 'pause' | 'cancel' | null = () => null,
) => {
  const events: TrainerEvent[] = [];
  const specification = scoreSpecificationSchema.parse({
    modelDirectory: sampleModel,
    subjects: [{ id: 'base', adapterDirectory: null }],
    seed: 1,
    date: '2026-11-28',
    sequenceLength: 128,
    threads: 1,
    ...request,
  });
  await scoreSubjects(specification, {
    emit: (event) => void events.push(event),
    shouldStop: () => shouldStop(events),
  });
  return {
    events,
    items: (task: string, subject = 'base'): ItemResult[] =>
      events.flatMap((event) =>
        event.type === 'scored-items' && event.task === task && event.subject === subject ? event.items : [],
      ),
    facts: (task: string): TaskFacts => {
      const read = events.find((event) => event.type === 'task-read' && event.facts.task === task);
      if (read?.type !== 'task-read') throw new Error(`${task} was not read`);
      return read.facts;
    },
  };
};
