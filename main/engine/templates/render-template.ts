import type { Execute } from './compile/block.ts';
import { compileTemplate } from './compile/compile-statement.ts';
import { globals } from './compile/globals.ts';
import { parseTemplate } from './syntax/parse-template.ts';
import { fromPlain } from './python/values.ts';
import { newOutput, type Rendering } from './compile/scope.ts';
import { TemplateError, unsupported } from './template-error.ts';
import { namingLimits, startWork } from './work.ts';

export interface RenderOptions {
  /** The day that strftime_now tells, by its UTC fields. Without one a template that asks for it is refused. */
  readonly date?: Date;
}

export interface RenderedTemplate {
  readonly text: string;
  /**
   * What {% generation %} blocks wrote: half-open stretches of the text, in UTF-16 code units, in their order. Null where a block stands
   * inside a macro, a recursive loop or a set, filter, call or generation block, which may do more with its text than write it.
   */
  readonly generations: readonly (readonly [start: number, end: number])[] | null;
}

/** A template that was read. */
export type Template = (
  variables: Readonly<Record<string, unknown>>,
  options?: RenderOptions,
) => RenderedTemplate;

/** In UTF-16 code units; published templates have up to 30,000. */
const longestSource = 1_000_000;

/**
 * Reads a chat template as transformers has Jinja2 read it: trim_blocks, lstrip_blocks, the tags break, continue and generation.
 * @throws TemplateError
 */
export const readTemplate = (source: string): Template => {
  if (source.length > longestSource)
    throw unsupported(`a template of more than ${longestSource.toLocaleString('en')} characters`);
  const run = namingLimits(() => compileTemplate(parseTemplate(source)));
  return (variables, options = {}) => render(run, variables, options);
};

/**
 * Renders a chat template as transformers does, in Jinja2's immutable sandbox.
 * @param variables plain data. What is absent is undefined in the template; null is None
 * @throws TemplateError
 */
export const renderTemplate = (
  source: string,
  variables: Readonly<Record<string, unknown>>,
  options?: RenderOptions,
): string => cachedTemplate(source)(variables, options).text;

/** As renderTemplate, with where the {% generation %} blocks are. */
export const renderTemplateWithGenerations = (
  source: string,
  variables: Readonly<Record<string, unknown>>,
  options?: RenderOptions,
): RenderedTemplate => cachedTemplate(source)(variables, options);

const templates = new Map<string, Template>();

/** A run renders one template for each of its rows. */
export const cachedTemplate = (source: string): Template => {
  let template = templates.get(source);
  if (template === undefined) {
    template = readTemplate(source);
    if (templates.size >= 50) templates.clear();
    templates.set(source, template);
  }
  return template;
};

const render = (
  run: Execute,
  variables: Readonly<Record<string, unknown>>,
  { date }: RenderOptions,
): RenderedTemplate => {
  const given = Object.entries(variables).filter(([, value]) => value !== undefined);
  const rendering: Rendering = {
    variables: new Map([
      ...globals(date ?? null),
      ...given.map(([name, value]) => [name, fromPlain(value)] as const),
    ]),
    generations: [],
    line: 1,
    depth: 0,
    rounds: 0,
  };
  const output = newOutput(true);
  try {
    startWork();
    namingLimits(() => run({ slots: new Map(), outer: null, rendering, output }));
  } catch (error) {
    if (error instanceof TemplateError) error.line ??= rendering.line;
    throw error;
  }
  return { text: output.parts.join(''), generations: rendering.generations };
};
