import type { ExperimentDefinition } from '../api/contract.ts';
import { experimentFileSchema } from '../services/comparisons/design/experiment-file-schema.ts';
import { parseDefinition, readDefinitionFile } from './definition-file.ts';

/** @throws WorkbenchError naming file, line and field: `experiment.yaml, line 7: training.steps: expected at least 1, not 0` */
export const readExperimentFile = (path: string): ExperimentDefinition =>
  readDefinitionFile(experimentFileSchema, path);

/** @param name the file's name, for messages */
export const parseExperiment = (text: string, name: string): ExperimentDefinition =>
  parseDefinition(experimentFileSchema, text, name);
