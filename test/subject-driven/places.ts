import { join } from 'node:path';
import { root } from '../support/paths.ts';

/** Ignored by git; what is there is not made again. */
export const subjectFolder = join(root, 'out/subject-driven');
