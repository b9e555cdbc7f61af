import { join } from 'node:path';

export const sampleDirectory = join(import.meta.dirname, '..');
export const modelDirectory = join(sampleDirectory, 'model');
export const dataDirectory = join(sampleDirectory, 'data');
