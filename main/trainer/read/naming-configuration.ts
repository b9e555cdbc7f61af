import { WorkbenchError } from '../../engine/errors.ts';

/** Does a check; its errors name the configuration that it is of. */
export const namingConfiguration = (name: string, check: () => void): void => {
  try {
    check();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `configuration "${name}", ${error.message}`, { cause: error });
  }
};
