import { basename } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { experimentDefinitionSchema } from '../api/contract.ts';
import type { ExperimentDefinition } from '../api/contract.ts';
import { invalidInput, WorkbenchError } from '../engine/errors.ts';
import { readText } from '../engine/formats/json-text.ts';
import { isObject } from '../engine/json-value.ts';
import { check, inOneLine, problemText, type Problem } from '../engine/problems.ts';
import { sweptExperiment } from '../services/comparisons/design/sweep-experiment.ts';
import { sweepSchema, type Sweep } from '../services/comparisons/design/sweep-schema.ts';

/** @throws WorkbenchError naming file, line and field: `experiment.yaml, line 7: training.steps: expected at least 1, not 0` */
export const readExperimentFile = (path: string): ExperimentDefinition =>
  parseExperiment(readText(path), basename(path));

/** @param name the file's name, for messages */
export const parseExperiment = (text: string, name: string): ExperimentDefinition => {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line;

  const [error] = document.errors;
  if (error !== undefined)
    throw invalidInput(`${name}, line ${lineAt(error.pos[0])}: not YAML: ${firstLine(error.message)}`);

  const { value, problems } = checkExperiment(plainValue(document, name));
  if (value !== null) return expanded(value, () => `${name}, line ${lineAt(offsetOf(document, ['sweep'])!)}`);
  const texts = problems.map((problem) => {
    const offset = offsetOf(document, problem.path);
    return offset === null ? problemText(problem) : `line ${lineAt(offset)}: ${problemText(problem)}`;
  });
  const all = inOneLine(texts);
  throw invalidInput(all.startsWith('line ') ? `${name}, ${all}` : `${name}: ${all}`);
};

/** What a file holds: an experiment, and where it has one, a search that makes many configurations of each. */
interface ExperimentFile {
  readonly definition: ExperimentDefinition;
  readonly sweep: Sweep | null;
}

const checkExperiment = (
  given: unknown,
): { readonly value: ExperimentFile | null; readonly problems: readonly Problem[] } => {
  const { sweep: asked, ...plain } = isObject(given) ? given : { sweep: undefined };
  const experiment = check(experimentDefinitionSchema, isObject(given) ? plain : given);
  const sweep = asked === undefined ? { value: null, problems: [] } : check(sweepSchema, asked);
  const problems = [
    ...experiment.problems,
    ...sweep.problems.map(({ path, message }) => ({ path: ['sweep', ...path], message })),
  ];
  const isWhole = experiment.value !== null && problems.length === 0;
  return { value: isWhole ? { definition: experiment.value, sweep: sweep.value } : null, problems };
};

/** @param place of the search, for what is wrong with it as a whole */
const expanded = ({ definition, sweep }: ExperimentFile, place: () => string): ExperimentDefinition => {
  if (sweep === null) return definition;
  try {
    return sweptExperiment(definition, sweep);
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `${place()}: ${error.message}`, { cause: error });
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
    throw invalidInput(`${name}: ${firstLine((error as Error).message)}`, { cause: error }); // aliases that multiply
  }
};

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
