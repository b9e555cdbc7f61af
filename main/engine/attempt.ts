import { WorkbenchError } from './errors.ts';

/** The result, or what a person is told in its place; a defect is thrown on. */
export const attempt = <Result>(work: () => Result): Result | WorkbenchError => {
  try {
    return work();
  } catch (error) {
    if (error instanceof WorkbenchError) return error;
    throw error;
  }
};
