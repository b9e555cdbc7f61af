import { drawSettingsSchema, mostDrawn, pictureSeedSchema } from '../../../../../main/api/contract.ts';
import type { DrawSettings } from '../../../../../main/api/contract.ts';
import { describeIssue } from '../../new-experiment/problems.ts';

/** What a person types to have pictures drawn. Numbers are NaN while what is typed is none. */
export interface DrawDraft {
  /** A prompt a line. */
  prompts: string;
  negative: string;
  seed: number;
  /** Pictures of each prompt, each with a seed of its own. */
  count: number;
  settings: Omit<DrawSettings, 'negative'>;
}

export const newDrawDraft = (): DrawDraft => {
  const { negative: _, ...settings } = drawSettingsSchema.parse({});
  return { prompts: '', negative: '', seed: 0, count: 1, settings };
};

export interface WantedPicture {
  readonly prompt: string;
  readonly seed: number;
}

/** As the workbench takes it: what is wrong stands by its field, and then there is nothing to ask. */
export interface ReadDraft {
  readonly wanted: readonly WantedPicture[];
  readonly settings: DrawSettings | undefined;
  readonly problems: Readonly<Record<string, string>>;
}

const promptsIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** @param arms who draws each of them */
export const readDrawDraft = (
  { prompts: text, negative, seed, count, settings }: DrawDraft,
  arms: number,
): ReadDraft => {
  const prompts = promptsIn(text);
  const read = drawSettingsSchema.safeParse({ ...settings, negative: negative === '' ? null : negative });
  const problems: Record<string, string> = {};
  for (const issue of read.error?.issues ?? []) problems[issue.path.join('.')] = describeIssue(issue);
  for (const issue of pictureSeedSchema.safeParse(seed).error?.issues ?? [])
    problems['seed'] = describeIssue(issue);
  const most = Math.floor(mostDrawn / Math.max(1, arms * prompts.length));
  if (!Number.isInteger(count) || count < 1) problems['count'] = 'Enter a whole number, at least 1.';
  else if (count > most)
    problems[most === 0 ? 'prompts' : 'count'] =
      most === 0
        ? `${prompts.length} prompts by ${arms} are more than the ${mostDrawn} pictures that come at once.`
        : `At most ${most} here: ${mostDrawn} pictures come at once.`;
  if (Object.keys(problems).length > 0) return { wanted: [], settings: undefined, problems };
  const wanted = prompts.flatMap((prompt) =>
    Array.from({ length: count }, (_, at) => ({ prompt, seed: seed + at })),
  );
  return { wanted, settings: read.data, problems };
};

const fields = ['width', 'height', 'steps', 'karras', 'clipSkip', 'guidance'] as const;

/** A refusal that begins with the name of its field, as `width: this model draws multiples of 64 pixels`. */
export const refusedField = (
  error: string | undefined,
): { readonly field: string; readonly why: string } | undefined => {
  const [, name, why] = /^(?:settings\.)?(\w+)(?: steps)?: (.+)$/s.exec(error ?? '') ?? [];
  const field = fields.find((known) => known.toLowerCase() === name?.toLowerCase());
  return field === undefined || why === undefined
    ? undefined
    : { field, why: `${why[0]!.toUpperCase()}${why.slice(1)}.` };
};
