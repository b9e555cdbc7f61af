import type { Finding } from './integrity-schema.ts';

/** A finding with what mends it. */
export interface Found extends Pick<Finding, 'subject' | 'problem'> {
  readonly advice?: string;
  readonly isHarmless?: boolean;
  readonly repair?: Repair;
}

export interface Repair {
  /** What it does, said before it is done. */
  readonly text: string;
  readonly run: () => void | Promise<void>;
  /** Whether it changes rows of the library, of which a copy is made first. */
  readonly changesLibrary: boolean;
}

export const findingOf = (
  { subject, problem, repair, advice, isHarmless = false }: Found,
  id: string,
): Finding => ({
  ...{ id, subject, problem, isHarmless },
  repair: repair?.text ?? null,
  advice: advice ?? null,
});
