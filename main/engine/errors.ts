/** What kind of thing went wrong. The API sends the code; people read the message. */
export const errorCodes = [
  'invalid-input', // a file, line or field that a person gave is wrong
  'not-found',
  'unsupported', // understood, but not something the workbench can do (yet)
  'conflict', // the request does not fit the current state
  'no-space',
  'newer-version', // data written by a newer release
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/**
 * An error whose message is written for the person at the screen: one line that names the file, line or field.
 * Everything else that is thrown counts as a defect of the program.
 */
export class WorkbenchError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkbenchError';
    this.code = code;
  }
}

/** Shorthand for the commonest case: `throw invalidInput('train.jsonl, line 3: not JSON')`. */
export const invalidInput = (message: string, options?: ErrorOptions): WorkbenchError =>
  new WorkbenchError('invalid-input', message, options);
