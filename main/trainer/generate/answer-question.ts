import { formPrompt, promptNotices, type FormedPrompt } from '../../engine/data/chat/form-prompt.ts';
import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { readableToken } from '../../engine/data/tokens/readable-token.ts';
import { invalidInput } from '../../engine/errors.ts';
import type { GenerationRow } from '../../engine/generation/generator.ts';
import type { Asked, JobContext } from '../protocol/job.ts';
import type { PromptTokens, Question } from '../protocol/protocol.ts';
import type { OpenSession } from './open-session.ts';
import { tokenPortions } from './token-portions.ts';

type Rows = Question['rows'];

/** Writes what is asked for, telling the prompts first and tokens as they come. @throws WorkbenchError where it can't be written */
export const answerQuestion = async (
  session: OpenSession,
  { id, question, signal }: Asked,
  emit: JobContext['emit'],
): Promise<void> => {
  const { tokenizer, tokenizers, generator } = session;
  if (!('rows' in question)) throw new Error('a session that writes was asked about pictures');
  const { rows, date, alternatives, stream } = question;
  const ofArm = (arm: number): Tokenizer => tokenizers[arm] ?? tokenizer;
  const prompts = rows.map(({ arm, prompt }) => formPrompt(ofArm(arm), prompt, date));
  checkRows(session, rows, prompts);
  const notices = new Set(rows.flatMap(({ arm, prompt }) => promptNotices(ofArm(arm), [prompt], date)));
  emit({
    type: 'answering',
    id,
    prompts: stream ? prompts.map((prompt) => shown(session, prompt)) : [],
    notices: [...notices, ...shortened(session, rows, prompts)],
  });
  const portions = tokenPortions((tokens) => emit({ type: 'tokens', id, tokens }));
  const began = performance.now();
  const generated = await generator.generate(
    rows.map(({ arm, settings }, at): GenerationRow => ({ ids: prompts[at]!.ids, arm, settings })),
    { signal, alternatives, ...(stream && { onToken: portions.add }) },
  );
  portions.flush();
  emit({
    type: 'answered',
    id,
    rows: generated.map(({ text, finish, promptTokens, ids }) => ({
      text,
      finish,
      promptTokens,
      tokens: ids.length,
    })),
    seconds: (performance.now() - began) / 1000,
  });
};

const shown = ({ tokenizer }: OpenSession, { text, ids }: FormedPrompt): PromptTokens => ({
  text,
  tokens: ids.map((id, index) => ({ id, text: readableToken(tokenizer, id, index) })),
});

const roomBehind = ({ model }: OpenSession, { ids }: FormedPrompt): number =>
  model.architecture.maximumPositions - ids.length;

const checkRows = (session: OpenSession, rows: Rows, prompts: readonly FormedPrompt[]): void => {
  const { model, arms } = session;
  const { maximumPositions, outputs } = model.architecture;
  const several = rows.length > 1;
  prompts.forEach((prompt, at) => {
    const place = several ? `row ${at + 1}: ` : '';
    if (rows[at]!.arm >= arms) throw invalidInput(`${place}there is no arm ${rows[at]!.arm}`);
    if (roomBehind(session, prompt) < 1)
      throw invalidInput(
        `${place}the prompt has ${prompt.ids.length} tokens, and the model ${maximumPositions} positions: there is no room for an answer`,
      );
    const foreign = prompt.ids.find((token) => token >= outputs);
    if (foreign !== undefined)
      throw invalidInput(
        `${place}the tokenizer gives the id ${foreign}, but the model has ${outputs} embeddings: tokenizer and weights do not belong together`,
      );
  });
};

/** Said where the model's positions end before the tokens that were asked for. */
const shortened = (session: OpenSession, rows: Rows, prompts: readonly FormedPrompt[]): string[] => {
  const room = Math.min(...prompts.map((prompt) => roomBehind(session, prompt)));
  const asked = Math.max(...rows.map(({ settings }) => settings.maximumTokens));
  if (asked <= room) return [];
  const { maximumPositions } = session.model.architecture;
  return [
    `the model has ${maximumPositions} positions: behind the longest prompt there is room for ${room} tokens, not ${asked}`,
  ];
};
