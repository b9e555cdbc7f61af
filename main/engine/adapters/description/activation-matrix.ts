import { z } from 'zod';

const exponent = z.number().min(0).max(1).default(0.5);

/** What a weight is multiplied by before it is decomposed, so that the error counts where activations are large. */
export const activationMatrixSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('mean-absolute'), exponent }),
  z.strictObject({ kind: z.literal('rms'), exponent }),
  z.strictObject({ kind: z.literal('maximum'), exponent }),
  z.strictObject({ kind: z.literal('cholesky') }),
  z.strictObject({ kind: z.literal('eigen') }),
  z.strictObject({ kind: z.literal('covariance') }),
  z.strictObject({
    kind: z.literal('coala'),
    /** How much the weight itself counts beside the outputs: 1 makes both errors count alike, 0 leaves the outputs alone. */
    regularisation: z.number().min(0).default(1),
  }),
  z.strictObject({ kind: z.literal('gradient-weighted'), exponent }),
  z.strictObject({ kind: z.literal('random') }),
  z.strictObject({ kind: z.literal('shuffled'), exponent }),
]);

export type ActivationMatrix = z.output<typeof activationMatrixSchema>;

/** Each in words, for forms and tables. S is what W is multiplied by, X the layer's inputs. */
export const activationMatrices: {
  readonly [K in ActivationMatrix['kind']]: { readonly title: string; readonly explanation: string };
} = {
  none: { title: 'None', explanation: 'A plain singular value decomposition of W.' },
  'mean-absolute': {
    title: 'Mean |x|^p',
    explanation: "S = diag(mean |x|^p): AwSVD's own; p = 1 is the official code's, 0.5 ASVD's.",
  },
  rms: { title: 'RMS^p', explanation: 'S = diag(root mean square ^p).' },
  maximum: { title: 'Max |x|^p', explanation: 'S = diag(max |x|^p): outliers alone decide.' },
  cholesky: {
    title: 'Whitening, Cholesky',
    explanation: 'S S^T = X X^T (SVD-LLM): the smallest output error that a rank allows.',
  },
  eigen: {
    title: 'Whitening, eigenvectors',
    explanation: 'The same optimum by eigenvectors of X X^T, which never fails on dependent channels.',
  },
  covariance: { title: 'Covariance', explanation: 'S = X X^T / n (CorDA): strong directions count twice.' },
  coala: {
    title: 'COALA',
    explanation:
      "The outputs' best W' = U U^T W, U from W R^T with X^T = Q R: no inverse and no X X^T, regularised where data is short.",
  },
  'gradient-weighted': {
    title: 'Gradient-weighted',
    explanation:
      'T W S with S = diag(rms x ^p) and T = diag(rms of the loss gradient by the outputs ^p): errors count by what they cost the loss.',
  },
  random: { title: 'Random (control)', explanation: 'W on a random subspace: what any method has to beat.' },
  shuffled: {
    title: 'Shuffled mean |x|^p (control)',
    explanation: "AwSVD's scale in a random order: whether it matters which channel is large.",
  },
};
