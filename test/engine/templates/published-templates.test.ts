import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderTemplateWithGenerations } from '../../../main/engine/templates/render-template.ts';
import { TemplateError } from '../../../main/engine/templates/template-error.ts';

interface Expected {
  date: string;
  templates: Record<string, string>;
  conversations: Record<string, Record<string, unknown>>;
  results: {
    template: string;
    conversation: string;
    prompt: boolean;
    /** Null where transformers raises. */
    expected: { text: string; generations: [number, number][] } | null;
  }[];
}

/** What transformers renders; fixtures/make_fixtures.py made it. */
const { date, templates, conversations, results } = JSON.parse(
  readFileSync(new URL('fixtures/expected.json', import.meta.url), 'utf8'),
) as Expected;

const inCodePoints = (text: string, unit: number): number => Array.from(text.slice(0, unit)).length;

test.each(Object.keys(templates))('%s', (name) => {
  for (const { conversation, prompt, expected } of results.filter(({ template }) => template === name)) {
    const render = () =>
      renderTemplateWithGenerations(
        templates[name]!,
        {
          tools: null,
          documents: null,
          ...conversations[conversation],
          bos_token: '<s>',
          eos_token: '</s>',
          add_generation_prompt: prompt,
        },
        { date: new Date(date) },
      );
    if (expected === null) {
      expect(render, conversation).toThrow(TemplateError);
      continue;
    }
    const { text, generations } = render();
    expect(text, conversation).toBe(expected.text);
    expect(
      generations?.map((stretch) => stretch.map((unit) => inCodePoints(text, unit))),
      conversation,
    ).toEqual(expected.generations);
  }
});
