import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, YAMLParseError } from 'yaml';
import { invalidInput, type WorkbenchError } from '../../engine/errors.ts';
import { inOneLine, problemText, type Checked } from '../../engine/problems.ts';

/** What a file defines, and where in it things stand, for what is found wrong with them later. */
export interface DefinitionFile<Value> {
  readonly value: Value;
  /** `experiment.yaml, line 7` */
  readonly placeOf: (path: readonly PropertyKey[]) => string;
}

/** In characters: a thousand configurations take a tenth of it. */
const longest = 1_000_000;

/**
 * Reads YAML and checks it.
 * @param name the file's name, for messages
 * @throws WorkbenchError naming file, line and field: `experiment.yaml, line 7: training.steps: expected at least 1, not 0`
 */
export const parseDefinition = <Value>(
  checkValue: (given: unknown) => Checked<Value>,
  text: string,
  name: string,
): DefinitionFile<Value> => {
  if (text.length > longest)
    throw invalidInput(
      `${name}: has ${text.length.toLocaleString('en')} characters; a definition may have ${longest.toLocaleString('en')}`,
    );
  const lineCounter = new LineCounter();
  const document = parsed(text, lineCounter, name);
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line;

  const [error] = document.errors;
  if (error !== undefined && tooDeep.test(error.message)) throw refuseDeep(name, error);
  if (error !== undefined) throw invalidInput(`${name}, line ${lineAt(error.pos[0])}: ${wordsOf(error)}`);

  const placeOf = (path: readonly PropertyKey[]): string => {
    const offset = offsetOf(document, path);
    return offset === null ? name : `${name}, line ${lineAt(offset)}`;
  };
  const { value, problems } = checkValue(plainValue(document, name));
  if (value !== null) return { value, placeOf };
  const texts = problems.map((problem) => {
    const offset = offsetOf(document, problem.path);
    return offset === null ? problemText(problem) : `line ${lineAt(offset)}: ${problemText(problem)}`;
  });
  const all = inOneLine(texts);
  throw invalidInput(all.startsWith('line ') ? `${name}, ${all}` : `${name}: ${all}`);
};

const tooDeep = /call stack/;

const refuseDeep = (name: string, cause: unknown): WorkbenchError =>
  invalidInput(`${name}: has lists or fields too deep within each other`, { cause });

const wordsOf = ({ code, message }: YAMLParseError): string =>
  code === 'NON_STRING_KEY'
    ? 'the name of a field is a list or has fields of its own; it has to be text'
    : `not YAML: ${firstLine(message)}`;

const parsed = (text: string, lineCounter: LineCounter, name: string): Document => {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true });
  } catch (error) {
    throw error instanceof RangeError ? refuseDeep(name, error) : error;
  }
};

/** Where the field stands, or where the nearest part around it starts; null when that is the whole file. */
const offsetOf = (document: Document, path: readonly PropertyKey[]): number | null => {
  let node: unknown = document.contents;
  let offset: number | null = null;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      offset = (node as { range?: [number] | null } | undefined)?.range?.[0] ?? offset;
    } else {
      break;
    }
  }
  return offset;
};

const plainValue = (document: Document, name: string): unknown => {
  if (document.contents === null) throw invalidInput(`${name}: is empty`);
  try {
    return document.toJS();
  } catch (error) {
    if (error instanceof RangeError) throw refuseDeep(name, error);
    throw invalidInput(`${name}: ${firstLine((error as Error).message)}`, { cause: error }); // aliases that multiply
  }
};

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
