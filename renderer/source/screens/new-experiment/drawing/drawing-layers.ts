/** What of a U-Net adapters sit on, from the least; each takes what stands before it along. */
const scopes = {
  attention: ['to_q', 'to_k', 'to_v', 'to_out.0'],
  transformers: ['proj_in', 'proj_out', 'ff.net.0.proj', 'ff.net.2'],
  convolutions: ['conv1', 'conv2', 'conv'],
} as const;
export type DrawingScope = keyof typeof scopes;
export const drawingScopes = Object.keys(scopes) as DrawingScope[];

/** All that the text encoders multiply by. */
const ofTexts = ['q_proj', 'k_proj', 'v_proj', 'out_proj', 'fc1', 'fc2'] as const;

/** What a person says of targets in a model that draws. */
export interface DrawingChoice {
  readonly scope: DrawingScope;
  readonly texts: boolean;
}

/** As settings have it: names, by which a layer's path ends. */
export const drawingTargets = ({ scope, texts }: DrawingChoice): string[] => [
  ...drawingScopes.slice(0, drawingScopes.indexOf(scope) + 1).flatMap((name) => scopes[name]),
  ...(texts ? ofTexts : []),
];

const sameNames = (names: readonly string[]): string => names.toSorted().join(' ');

/** The choice that targets come to; undefined for what is chosen otherwise. */
export const drawingChoiceOf = (targets: string | readonly string[]): DrawingChoice | undefined =>
  typeof targets === 'string'
    ? undefined
    : drawingScopes
        .flatMap((scope) => [false, true].map((texts) => ({ scope, texts })))
        .find((choice) => sameNames(drawingTargets(choice)) === sameNames(targets));
