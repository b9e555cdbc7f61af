import { WorkbenchError } from '../../engine/errors.ts';
import type { Asked, JobContext } from '../protocol/job.ts';

/** A question that can't be answered is refused, and the session goes on. */
export const answerOrRefuse = async (
  { id }: Asked,
  emit: JobContext['emit'],
  answer: () => Promise<void>,
): Promise<void> => {
  try {
    await answer();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    emit({ type: 'refused', id, code: error.code, message: error.message });
  }
};
