import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';

/** What may come back needs its model and data. @throws WorkbenchError `conflict` */
export const refuseWhileReturning = (
  store: Store,
  what: string,
  column: 'modelId' | 'datasetId',
  id: string,
): void => {
  const [first] = store.removals.namesUsing(column, id);
  if (first === undefined) return;
  throw new WorkbenchError(
    'conflict',
    `${what} is used by the experiment "${first}", which was removed a moment ago and can still be brought back; try again in a minute`,
  );
};

/** @param users names of those that use it, `kind` is what they are */
export const refuseWhileUsed = (what: string, users: readonly string[], kind = 'experiment'): void => {
  const [first, ...others] = users;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  throw new WorkbenchError('conflict', `${what} is used by the ${kind} "${first}"${more}; remove that first`);
};
