import { z } from 'zod';
import { WorkbenchError } from '../errors.ts';
import { explainFileError } from './file-errors.ts';
import { plainLine } from '../plain-line.ts';
import { inOneLine, pathText, problemsOf } from '../problems.ts';

/** What programs say when the memory is used up: V8, the C++ library, ONNX Runtime, WebGPU. */
const outOfMemory =
  /out of memory|heap limit|allocation failed|bad_alloc|failed to allocate|invalid (typed )?array (buffer )?length|not enough memory|VK_ERROR_OUT_OF|ENOMEM/i;

const deviceGone = /device (was |is )?lost|device removed|device hung|DEVICE_LOST|gpu process/i;

/** ONNX Runtime's own words. `operator` is where in the graph it happened. */
const fromRuntime =
  /ORT_|onnxruntime|non-zero status code|\[ONNXRuntimeError\]|ExecutionProvider|Error code - /i;

const operatorOf = (message: string): string => {
  const [, operator] = /running (\w+) node/.exec(message) ?? [];
  return operator === undefined ? '' : ` (in ${operator})`;
};

/** What Node says of a module that is missing, or of a library that the system does not load: that is told before anything is computed. */
const notInstalled = new Set(['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND']);

/** What V8 says where a value is too large for it, and what that means for what was given. */
const limitPassed = (message: string): string | null => {
  if (/call stack/i.test(message)) return 'what was given has parts too deep within each other';
  if (/invalid string length/i.test(message))
    return 'a text became longer than can be held; what was given is too large';
  return null;
};

const oneLine = (text: string): string => text.split('\n', 1)[0]!.slice(0, 200);

/** Whether a text of any program says that the memory is used up. */
export const saysOutOfMemory = (text: string): boolean => outOfMemory.test(text);

export const memoryRanOut =
  'the memory ran out; a smaller training.batchSize or training.sequenceLength, or training.memory: low, takes less';

const explainRuntime = (message: string): string | null => {
  if (saysOutOfMemory(message)) return memoryRanOut;
  if (deviceGone.test(message))
    return 'the graphics device stopped answering; try again, and choose the CPU if it happens anew';
  if (!fromRuntime.test(message)) return null;
  if (/out of (data )?bounds|out of range|must be within the inclusive range/i.test(message))
    return `the model was given a number that one of its tables has no row for${operatorOf(message)}: its tokenizer and its weights do not fit together`;
  if (/load model|no such file|external data|initializer/i.test(message))
    return 'the weights could not be read where they lie; see that the model is still in its folder, whole';
  return `ONNX Runtime could not compute the model's graph${operatorOf(message)}; choose another device if there is one, and please report it`;
};

/**
 * What people are told of any error: the one place where what libraries and the operating system say becomes a sentence. What is known to
 * none of the kinds is a defect, and said to be one.
 */
export const explainError = (error: unknown): WorkbenchError => {
  const told = explained(error);
  const message = plainLine(told.message);
  return message === told.message ? told : new WorkbenchError(told.code, message, { cause: told.cause });
};

const explained = (error: unknown): WorkbenchError => {
  if (error instanceof WorkbenchError) return error;
  const cause = { cause: error };
  if (error instanceof z.core.$ZodError) {
    const fields = error.issues.flatMap(problemsOf).map(({ path }) => pathText(path));
    return new WorkbenchError(
      'internal',
      `something kept is not as this version keeps it (${inOneLine(fields)})`,
      cause,
    );
  }
  if (error instanceof RangeError && limitPassed(error.message) !== null)
    return new WorkbenchError('unsupported', limitPassed(error.message)!, cause);
  const fileProblem = explainFileError(error);
  if (fileProblem !== null) return fileProblem;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && 'code' in error && notInstalled.has(String(error.code)))
    return new WorkbenchError(
      'internal',
      `a part of the workbench does not load (${oneLine(message)}); install it again (in a checkout: npm ci)`,
      cause,
    );
  const told = explainRuntime(message);
  if (told !== null) return new WorkbenchError('internal', told, cause);
  const name = error instanceof Error ? `${error.name}: ` : '';
  return new WorkbenchError(
    'internal',
    `something went wrong inside the workbench (${oneLine(`${name}${message}`)})`,
    cause,
  );
};
