import { invalidInput } from '../../../../engine/errors.ts';
import { checked } from '../../../../engine/problems.ts';
import { instead } from '../../../../engine/suggestions.ts';
import { comparisonDefinitionSchema, type ComparisonDefinition } from '../../definition.ts';
import { designs } from './designs.ts';
import { publishedProtocols } from './published.ts';
import type { ComparisonTemplate, TemplateRequest } from './template.ts';

/** Every template, in the order of menus. A new one is an entry of one of the two lists. */
export const comparisonTemplates: readonly ComparisonTemplate[] = [...designs, ...publishedProtocols];

/** @throws invalid-input for a name that there is not */
export const findTemplate = (name: string): ComparisonTemplate => {
  const found = comparisonTemplates.find((template) => template.name === name);
  if (found) return found;
  const names = comparisonTemplates.map((template) => template.name);
  throw invalidInput(`template: there is no ${JSON.stringify(name)}${instead(name, names)}`);
};

/**
 * A template's definition for a model and data, complete.
 * @throws invalid-input where the model or the data lack what the design needs
 */
export const definitionFrom = (name: string, request: TemplateRequest): ComparisonDefinition =>
  checked(comparisonDefinitionSchema, findTemplate(name).make(request), `template ${name}`);

export type { ComparisonTemplate, TemplateRequest } from './template.ts';
