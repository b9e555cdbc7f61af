import { defaultGenerationSettings } from '../../../main/api/contract.ts';
import type { Adapter, GeneratedToken, Model } from '../../../main/api/contract.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import type { Prompt } from '../../../main/engine/data/chat/prompt.ts';
import { signTest } from '../../../main/services/generation/sign-test.ts';
import type { Tally, Vote } from '../../../main/services/shared/generation-entities.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';

interface FakeGenerationOptions {
  readonly emit: EmitEvent;
  readonly models: () => readonly Model[];
  readonly adapters: () => readonly Adapter[];
}

const words = [
  'Call',
  ' me',
  ' Ishmael',
  '.',
  ' Some',
  ' years',
  ' ago',
  '—',
  'never',
  ' mind',
  ' how',
  ' long',
];

const textOf = (prompt: Prompt): string =>
  prompt.form === 'text'
    ? prompt.text
    : `${prompt.messages.map(({ role, content }) => `<|${role}|>\n${content}\n`).join('')}<|assistant|>\n`;

/** Models that write the same words, an adapter with its name before them. What is asked for with "slow" takes until it is stopped. */
export const createFakeGeneration = ({
  emit,
  models,
  adapters,
}: FakeGenerationOptions): WorkbenchMethods['generation'] => {
  const stopped = new Set<string>();
  const votes: Vote[] = [];
  const nameOf = (id: string | null): string =>
    id === null ? 'base model' : (adapters().find((adapter) => adapter.id === id)?.name ?? id);

  return {
    defaults: ({ modelId }) => ({
      settings: { ...defaultGenerationSettings, repetitionPenalty: 1.1 },
      fromModel: ['repetitionPenalty'],
      keys: ['repetition_penalty'],
      hasChatTemplate: models().find(({ id }) => id === modelId)?.hasChatTemplate ?? false,
    }),
    show: () => ({ session: null, waiting: 0 }),
    release: () => ({}),
    start: ({ id = 'answer-1', arms, rows }) => {
      const texts = rows.map(({ prompt }) => textOf(prompt));
      if (texts.some((text) => text.includes('too long')))
        throw new WorkbenchError('invalid-input', 'the prompt has 900 tokens, and the model 512 positions');
      const isSlow = texts.some((text) => text.includes('slow'));
      const written = rows.map(({ arm }) => [
        ...(arms[arm] === null ? [] : [`${nameOf(arms[arm]!)}: `]),
        ...words,
      ]);
      const end = (finish: 'end' | 'cancelled', tokens: number): void =>
        emit({
          name: 'generation.ended',
          payload: {
            id,
            rows: written.map((pieces) => ({
              text: pieces.slice(0, tokens).join(''),
              finish,
              promptTokens: 12,
              tokens: Math.min(tokens, pieces.length),
            })),
            seconds: 0.5,
            error: null,
          },
        });
      const step = (place: number): void => {
        if (stopped.has(id)) return end('cancelled', place);
        const tokens = written.flatMap((pieces, row): GeneratedToken[] =>
          pieces[place] === undefined
            ? []
            : [
                {
                  row,
                  id: 100 + place,
                  text: pieces[place],
                  probability: [0.92, 0.41, 0.08, 0.66][place % 4]!,
                  alternatives: [
                    { id: 100 + place, text: pieces[place], probability: 0.41 },
                    { id: 7, text: ' whale', probability: 0.2 },
                    { id: 8, text: '\n', probability: 0.05 },
                  ],
                },
              ],
        );
        emit({ name: 'generation.tokens', payload: { id, tokens } });
        if (tokens.length === 0 && !isSlow) return end('end', place);
        setTimeout(() => step(place + 1), 20);
      };
      setTimeout(() => {
        emit({
          name: 'generation.prompts',
          payload: {
            id,
            prompts: texts.map((text) => ({
              text,
              tokens: text.split(/(?<= )/).map((piece, at) => ({ id: at, text: piece })),
            })),
            notices: [],
          },
        });
        step(0);
      }, 20);
      return { id };
    },
    cancel: ({ id }) => {
      stopped.add(id);
      return {};
    },
    vote: (vote) => {
      votes.push(vote);
      return talliesOf(votes, nameOf)[0]!;
    },
    tallies: () => talliesOf(votes, nameOf),
  };
};

/** One pair is all that a test votes on. */
const talliesOf = (votes: readonly Vote[], nameOf: (id: string | null) => string): Tally[] => {
  const [latest] = votes;
  if (latest === undefined) return [];
  const [first, second] = [latest.left.adapterId, latest.right.adapterId].toSorted((a, b) =>
    (a ?? '') < (b ?? '') ? -1 : 1,
  ) as [string | null, string | null];
  const winsOf = (id: string | null): number =>
    votes.filter(
      ({ choice, left, right }) =>
        (choice === 'left' && left.adapterId === id) || (choice === 'right' && right.adapterId === id),
    ).length;
  const wins = [winsOf(first), winsOf(second)] as const;
  return [
    {
      modelId: latest.modelId,
      modelName: 'sample-llama',
      pair: [
        { adapterId: first, name: nameOf(first) },
        { adapterId: second, name: nameOf(second) },
      ],
      wins,
      ties: votes.filter(({ choice }) => choice === 'tie').length,
      bothBad: votes.filter(({ choice }) => choice === 'both-bad').length,
      votes: votes.length,
      p: signTest(...wins),
      verdict:
        'Too few to say: with one vote for one of the two even a clean sweep could be chance; it takes 6.',
    },
  ];
};
