export { createId, isId } from '../../store/ids.ts';

/** ISO 8601 in UTC. */
export const now = (): string => new Date().toISOString();
