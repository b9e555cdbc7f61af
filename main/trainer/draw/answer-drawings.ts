import { assertModelStayed } from '../export/model-in-use.ts';
import { answerOrRefuse } from '../process/answer-or-refuse.ts';
import type { SessionContext } from '../protocol/job.ts';
import type { DrawSpecification } from '../protocol/protocol.ts';
import { answerDrawing } from './answer-drawing.ts';
import { openDrawing } from './open-drawing.ts';

/** A session that draws pictures: as `answerQuestions` for texts. */
export const answerDrawings = async (
  specification: DrawSpecification,
  { emit, nextQuestion }: SessionContext,
): Promise<void> => {
  emit({ type: 'progress', phase: 'loading', done: 0, total: 1 });
  const open = openDrawing(specification);
  emit({ type: 'ready', notices: [...open.notices] });
  for (let asked = await nextQuestion(); asked !== null; asked = await nextQuestion()) {
    const { id, question } = asked;
    await answerOrRefuse(asked, emit, async () => {
      if (!('kind' in question) || question.kind !== 'draw')
        throw new Error('a session that draws was asked something else');
      emit({ type: 'drawn', id, answer: await answerDrawing(open, question, asked, emit) });
    });
    await assertModelStayed(specification);
  }
  emit({ type: 'closed' });
};
