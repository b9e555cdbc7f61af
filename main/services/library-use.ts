import { WorkbenchError } from '../engine/errors.ts';

/** @param experiments names of those that use it */
export const refuseWhileUsed = (what: string, experiments: readonly string[]): void => {
  const [first, ...others] = experiments;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  throw new WorkbenchError(
    'conflict',
    `${what} is used by the experiment "${first}"${more}; remove that first`,
  );
};
