import { setImmediate as nextTurn } from 'node:timers/promises';
import { WorkbenchError } from '../../engine/errors.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import { answerOrRefuse } from '../process/answer-or-refuse.ts';
import type { SessionContext } from '../protocol/job.ts';
import type { ClassifySpecification } from '../protocol/protocol.ts';
import { answerClasses, emptyMemory } from './answer-classes.ts';
import { answerMap } from './answer-map.ts';
import { openPictures } from './open-pictures.ts';

/** A session that looks at pictures: as `answerQuestions` for texts. */
export const answerPictures = async (
  specification: ClassifySpecification,
  { emit, nextQuestion }: SessionContext,
): Promise<void> => {
  emit({ type: 'progress', phase: 'loading', done: 0, total: 1 });
  const open = openPictures(specification);
  const memory = emptyMemory();
  emit({ type: 'ready', notices: [...open.notices] });
  for (let asked = await nextQuestion(); asked !== null; asked = await nextQuestion()) {
    const { id, question, signal } = asked;
    const pause = async (): Promise<void> => {
      await nextTurn();
      if (signal.aborted) throw new WorkbenchError('conflict', 'stopped before it was answered');
    };
    await answerOrRefuse(asked, emit, async () => {
      if (!('kind' in question) || question.kind === 'draw')
        throw new Error('a session that looks at pictures was asked something else');
      const answer =
        question.kind === 'classes'
          ? await answerClasses(open, question, memory, pause)
          : await answerMap(open, question, emit, pause);
      emit({ type: 'looked', id, answer });
    });
    await assertModelStayed(specification);
  }
  await open.scorer.release();
  emit({ type: 'closed' });
};
