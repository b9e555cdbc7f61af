import type { ReadFiles } from '../../main/services/reading/reader.ts';
import { answerReading } from '../../main/trainer/read/answer-reading.ts';

/** Reads in the test's own process, as fast as that goes. */
export const readHere: ReadFiles = (question, { onProgress } = {}) => answerReading(question, onProgress);
