import { WorkbenchError } from '../../engine/errors.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import type { Asked, SessionContext } from '../protocol/job.ts';
import type { GenerateSpecification } from '../protocol/protocol.ts';
import { answerQuestion } from './answer-question.ts';
import { openSession, type OpenSession } from './open-session.ts';

/**
 * A session: loads a model and its adapters once, then answers one question after the other until it is told to end. A question that
 * can't be answered is refused, and the session goes on; it fails where the model's files change under it.
 */
export const answerQuestions = async (
  specification: GenerateSpecification,
  { emit, nextQuestion }: SessionContext,
): Promise<void> => {
  emit({ type: 'progress', phase: 'loading', done: 0, total: 1 });
  const session = await openSession(specification);
  emit({ type: 'ready', notices: [...session.notices] });
  for (let asked = await nextQuestion(); asked !== null; asked = await nextQuestion()) {
    await answerOrRefuse(session, asked, emit);
    await assertModelStayed(specification);
  }
  await session.generator.release();
  emit({ type: 'closed' });
};

const answerOrRefuse = async (
  session: OpenSession,
  asked: Asked,
  emit: SessionContext['emit'],
): Promise<void> => {
  try {
    await answerQuestion(session, asked, emit);
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    emit({ type: 'refused', id: asked.id, code: error.code, message: error.message });
  }
};
