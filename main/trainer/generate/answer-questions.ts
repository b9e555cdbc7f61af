import { assertModelStayed } from '../export/model-in-use.ts';
import type { SessionContext } from '../protocol/job.ts';
import type { GenerateSpecification } from '../protocol/protocol.ts';
import { answerOrRefuse } from '../process/answer-or-refuse.ts';
import { answerQuestion } from './answer-question.ts';
import { openSession } from './open-session.ts';

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
    await answerOrRefuse(asked, emit, () => answerQuestion(session, asked, emit));
    await assertModelStayed(specification);
  }
  await session.generator.release();
  emit({ type: 'closed' });
};
