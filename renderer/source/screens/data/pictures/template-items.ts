import { checkTemplate, plainTemplate, publishedSets } from '../../../../../main/api/contract.ts';

/** A published template, and what sets CoOp asks it of. */
interface PublishedTemplate {
  readonly template: string;
  readonly sets: readonly string[];
}

/** Each once; the one that CLIP-LoRA asks on every set comes first. */
export const publishedTemplates: readonly PublishedTemplate[] = [
  ...Map.groupBy(publishedSets, ({ template }) => template),
]
  .map(([template, sets]) => ({ template, sets: sets.map(({ name }) => name) }))
  .toSorted((a, b) => Number(b.template === plainTemplate) - Number(a.template === plainTemplate));

/** What is wrong with a template, as a sentence beside its field; undefined where nothing is. */
export const templateProblem = (template: string): string | undefined => {
  try {
    checkTemplate(template, 'It');
    return undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^It: /, '') : String(error);
    return `${said}.`;
  }
};

/** What is usual for a set: CoOp's own where it is one of the published. */
export const usualTemplate = (published: string | null): string =>
  publishedSets.find(({ name }) => name === published)?.template ?? plainTemplate;
