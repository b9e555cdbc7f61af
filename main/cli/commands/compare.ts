import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { reportFormats } from '../../api/contract.ts';
import type { ReportFormat } from '../../api/contract.ts';
import { answerText } from '../answer-text.ts';
import { comparisonDiagnosisText } from '../comparison-diagnosis-text.ts';
import { addCommand, type CommandContext, type Outcome } from '../command.ts';
import { comparisonText } from '../comparison-text.ts';
import { explainError } from '../../engine/formats/explain-error.ts';
import { invalidInput } from '../../engine/errors.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { allComparisons, allExperiments } from '../list-all.ts';
import { pick } from '../pick.ts';

interface CompareOptions {
  readonly format?: string;
  readonly output?: string;
}

export const addCompareCommand = (program: Command): void =>
  addCommand<CompareOptions>(program, {
    usage: 'compare <comparison-or-experiment>',
    description: "answer a comparison, or show an experiment's runs side by side",
    options: {
      '--format <format>': `of a comparison: text, ${reportFormats.join(', ')}`,
      '--output <file>': 'write it there',
    },
    run: async (context, { format = 'text', output }, wanted = '') => {
      const { call } = context;
      const comparisons = (await allComparisons(call)).map(({ id, name }) => ({
        id,
        name,
        kind: 'comparison' as const,
      }));
      const experiments = (await allExperiments(call)).map(({ id, name }) => ({
        id,
        name,
        kind: 'experiment' as const,
      }));
      const hint = 'nora comparison list and nora experiment list show what there is';
      const { id, kind } = pick([...comparisons, ...experiments], wanted, 'comparison or experiment', hint);
      const outcome =
        kind === 'comparison'
          ? await answerOf(context, id, format)
          : await experimentOutcome(context, id, format);
      if (output === undefined) return outcome;
      const path = givenPath(output, '--output');
      writeTo(path, outcome.text);
      return { document: { output: path }, text: `Wrote ${path}` };
    },
  });

const answerOf = async ({ call }: CommandContext, id: string, format: string): Promise<Outcome> => {
  if (format === 'text') {
    const answer = await call('comparisons.answer', { id });
    const diagnosis = await call('comparisons.diagnosis', { id });
    return {
      document: { ...answer, diagnosis },
      text: [answerText(answer), ...(diagnosis === null ? [] : [comparisonDiagnosisText(diagnosis)])].join(
        '\n\n',
      ),
    };
  }
  if (!isReportFormat(format))
    throw invalidInput(`--format: expected one of text, ${reportFormats.join(', ')}, not "${format}"`);
  const report = await call('comparisons.report', { id, format });
  return { document: report, text: report.text };
};

const isReportFormat = (format: string): format is ReportFormat =>
  (reportFormats as readonly string[]).includes(format);

const experimentOutcome = async ({ call }: CommandContext, id: string, format: string): Promise<Outcome> => {
  if (format !== 'text')
    throw invalidInput('--format: an experiment is shown as text; reports are made of comparisons');
  const comparison = await call('experiments.compare', { id });
  return { document: comparison, text: comparisonText(comparison) };
};

const writeTo = (path: string, text: string): void => {
  try {
    writeFileSync(path, text.endsWith('\n') ? text : `${text}\n`);
  } catch (error) {
    throw invalidInput(`--output: ${explainError(error).message}`, { cause: error });
  }
};
