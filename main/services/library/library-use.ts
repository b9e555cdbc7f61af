import { WorkbenchError } from '../../engine/errors.ts';

/** @param users names of those that use it, `kind` is what they are */
export const refuseWhileUsed = (what: string, users: readonly string[], kind = 'experiment'): void => {
  const [first, ...others] = users;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  throw new WorkbenchError('conflict', `${what} is used by the ${kind} "${first}"${more}; remove that first`);
};
