import type { Command } from 'commander';
import { separatorNames } from '../../api/contract.ts';
import type {
  DataFormat,
  Dataset,
  Duplicates,
  Inspection,
  Preview,
  SeparatorName,
} from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import { datasetFormatFlags, readDatasetFormat } from '../dataset-format-options.ts';
import type { DatasetFormatOptions } from '../dataset-format-options.ts';
import { followReading } from '../follow-reading.ts';
import { bucketsText, picturesInspectionText, picturesText } from '../dataset-pictures-text.ts';
import { picturesFlags, readPicturesOptions, type PicturesOptions } from '../pictures-options.ts';
import { givenSource } from '../../services/shared/given-path.ts';
import { wholeNumber } from '../numbers.ts';
import { readPictureSize } from '../picture-size.ts';
import { pick } from '../pick.ts';
import { bytesText, countText, plural, timeText } from '../quantities.ts';
import { formatFields, formatTable } from '../table.ts';

interface ImportOptions extends DatasetFormatOptions, PicturesOptions {
  readonly validation?: string;
  readonly name?: string;
  readonly separator?: string;
  readonly skipBroken?: boolean;
}

interface InspectOptions extends DatasetFormatOptions, PicturesOptions {
  readonly separator?: string;
  readonly model?: string;
}

interface DuplicatesOptions {
  readonly heldOut?: string;
  readonly seed?: string;
}

interface BucketsOptions {
  readonly resolution?: string;
  readonly squares?: boolean;
  readonly step?: string;
  readonly smallest?: string;
  readonly largest?: string;
  readonly upscale?: boolean;
}

interface PreviewOptions {
  readonly model?: string;
  readonly sequenceLength?: string;
  readonly lossOn?: 'completion' | 'all';
  readonly date?: string;
  readonly count?: string;
  readonly from?: string;
}

export const addDatasetCommands = (program: Command): void => {
  const dataset = program.command('dataset').description('the datasets in the library');

  addCommand<ImportOptions>(dataset, {
    usage: 'import <path>',
    description:
      'add a JSONL, JSON, CSV or TSV file, or pictures: of classes, with captions, or of a subject to draw; all stays where it is',
    options: {
      '--validation <file>': 'a file to measure on; otherwise a part of the data is held out',
      '--name <name>': 'what to call it; the name of the file otherwise',
      '--separator <name>': `between the fields of a CSV file: ${separatorNames.join(', ')}; found out otherwise`,
      '--skip-broken':
        "leave out pictures that can't be read, and name them; otherwise the first one is an error",
      ...picturesFlags,
      ...datasetFormatFlags,
    },
    run: async (context, options, path = '') => {
      const asked = {
        trainFile: givenSource(path, '<path>'),
        validationFile:
          options.validation === undefined ? undefined : givenSource(options.validation, '--validation'),
        name: options.name,
        format: readDatasetFormat(options),
        separator: readSeparator(options.separator),
        pictures: readPicturesOptions(options),
        skipBroken: options.skipBroken,
      };
      const imported = await followReading(context, (job) =>
        context.call('datasets.import', { ...asked, job }),
      );
      return { document: imported, text: `Imported.\n\n${datasetText(imported)}` };
    },
  });

  addCommand<InspectOptions>(dataset, {
    usage: 'inspect <path>',
    description:
      'show what an import would make of a file by its first rows, or of pictures by their names; nothing is added',
    options: {
      '--separator <name>': 'between the fields of a CSV file; found out otherwise',
      '--model <model>': 'whose tokens to show the examples in; text otherwise',
      ...picturesFlags,
      ...datasetFormatFlags,
    },
    run: async ({ call }, options, path = '') => {
      const found = await call('datasets.inspect', {
        trainFile: givenSource(path, '<path>'),
        format: readDatasetFormat(options),
        separator: readSeparator(options.separator),
        pictures: readPicturesOptions(options),
        modelId:
          options.model === undefined
            ? undefined
            : pick(await call('models.list', {}), options.model, 'model').id,
      });
      return {
        document: found,
        text: found.kind === 'rows' ? inspectionText(found) : picturesInspectionText(found),
      };
    },
  });

  addCommand(dataset, {
    usage: 'list',
    description: 'show what is in the library',
    run: async ({ call }) => {
      const datasets = await call('datasets.list', {});
      return { document: datasets, text: datasets.length === 0 ? noDatasets : datasetTable(datasets) };
    },
  });

  addCommand(dataset, {
    usage: 'show <dataset>',
    description: 'show one dataset',
    run: async ({ call }, _, wanted = '') => {
      const shown = pick(await call('datasets.list', {}), wanted, 'dataset');
      return { document: shown, text: datasetText(shown) };
    },
  });

  addCommand<PreviewOptions>(dataset, {
    usage: 'preview <dataset>',
    description: 'show its tokens as a model sees them: [those that carry loss] stand in brackets',
    options: {
      '--model <model>': 'whose tokenizer; the only model of the library otherwise',
      '--sequence-length <tokens>': 'where examples are cut',
      '--loss-on <part>': '`completion` or `all`',
      '--date <day>': 'what a chat template that asks for the date is told, such as 2026-11-28',
      '--count <examples>': 'how many examples to show',
      '--from <row>': 'the first row to look at, from 1',
    },
    run: async ({ call }, options, wanted = '') => {
      const models = await call('models.list', {});
      const model = options.model ?? (models.length === 1 ? models[0]?.id : undefined);
      if (model === undefined) throw invalidInput('--model: say whose tokenizer to use');
      const preview = await call('datasets.preview', {
        id: pick(await call('datasets.list', {}), wanted, 'dataset').id,
        modelId: pick(models, model, 'model').id,
        sequenceLength: wholeNumber(options.sequenceLength, '--sequence-length'),
        lossOn: options.lossOn,
        date: options.date,
        count: wholeNumber(options.count, '--count'),
        firstRow: rowIndex(options.from),
      });
      return { document: preview, text: previewText(preview) };
    },
  });

  addCommand<BucketsOptions>(dataset, {
    usage: 'buckets <dataset>',
    description: 'tell in which sizes a model that draws would see its pictures, and which are enlarged',
    options: {
      '--resolution <pixels>':
        'the side of a square, as 512x768 one size for all, or the root of the area of buckets; 512 otherwise',
      '--squares': 'cut a square out of each, in place of buckets by aspect',
      '--step <pixels>': 'sides of buckets are multiples of it; 64 otherwise',
      '--smallest <pixels>': 'of a side; 256 otherwise',
      '--largest <pixels>': 'of a side; 1024 otherwise',
      '--no-upscale': 'enlarge nothing',
    },
    run: async ({ call }, options, wanted = '') => {
      const { id } = pick(await call('datasets.list', {}), wanted, 'dataset');
      const found = await call('datasets.buckets', { id, framing: readFraming(options) });
      return { document: found, text: bucketsText(found) };
    },
  });

  addCommand<DuplicatesOptions>(dataset, {
    usage: 'duplicates <dataset>',
    description: 'tell which rows are there twice, and which held-out rows are trained on',
    options: {
      '--held-out <part>': 'how large a part is held out, such as 0.1; where the data bring no file',
      '--seed <number>': 'which rows that are; likewise',
    },
    run: async ({ call }, { heldOut, seed }, wanted = '') => {
      const found = await call('datasets.duplicates', {
        id: pick(await call('datasets.list', {}), wanted, 'dataset').id,
        validationFraction: heldOut === undefined ? undefined : Number(heldOut),
        seed: wholeNumber(seed, '--seed'),
      });
      return { document: found, text: duplicatesText(found) };
    },
  });

  addCommand(dataset, {
    usage: 'remove <dataset>',
    description: 'take a dataset out of the library; its files stay',
    run: async ({ call }, _, wanted = '') => {
      const { id, name, trainFile } = pick(await call('datasets.list', {}), wanted, 'dataset');
      await call('datasets.remove', { id });
      return { document: { id }, text: `Removed ${name}. Its data is still in ${trainFile}` };
    },
  });
};

const readFraming = (options: BucketsOptions) => {
  const pixels = (name: 'step' | 'smallest' | 'largest') => wholeNumber(options[name], `--${name}`);
  const [step, smallest, largest] = [pixels('step'), pixels('smallest'), pixels('largest')];
  const buckets = { step, smallest, largest, upscale: options.upscale };
  const size = readPictureSize(options.resolution, '--resolution');
  const resolution = size?.width === size?.height ? size?.width : size;
  return { resolution, buckets: options.squares === true ? null : buckets };
};

const noDatasets = 'No datasets yet. Add one with: nora dataset import FILE';

const datasetTable = (datasets: readonly Dataset[]): string =>
  formatTable(datasets, [
    { title: 'id', text: ({ id }) => id },
    { title: 'name', text: ({ name }) => name },
    { title: 'format', text: ({ format }) => formatText(format) },
    { title: 'rows', text: ({ trainRows }) => countText(trainRows), isNumber: true },
    { title: 'held out', text: heldOutText, isNumber: true },
    { title: 'size', text: ({ bytes }) => bytesText(bytes), isNumber: true },
  ]);

const datasetText = (dataset: Dataset): string =>
  dataset.format.kind === 'pictures'
    ? picturesText(dataset, dataset.format, heldOutText(dataset))
    : rowsText(dataset);

const rowsText = (dataset: Dataset): string =>
  formatFields({
    id: dataset.id,
    name: dataset.name,
    file: dataset.trainFile,
    'validation file': dataset.validationFile,
    'looks like': dataset.form,
    format: formatText(dataset.format),
    separator: separatorText(dataset),
    columns: dataset.columns.join(', '),
    'not used': dataset.unusedColumns.length === 0 ? null : dataset.unusedColumns.join(', '),
    rows: countText(dataset.trainRows),
    'held out': heldOutText(dataset),
    size: bytesText(dataset.bytes),
    added: timeText(dataset.createdAt),
  });

const heldOutText = ({ validationRows }: Dataset): string =>
  validationRows === null ? 'a part' : countText(validationRows);

const formatText = (format: DataFormat): string => {
  switch (format.kind) {
    case 'pictures':
      if (format.subject !== null) return 'pictures of a subject';
      return format.classes === null
        ? 'pictures with captions'
        : `pictures of ${countText(format.classes.length)} classes`;
    case 'prompt-completion':
      return `${oneLine(format.prompt)} -> ${oneLine(format.completion)}`;
    case 'classification':
      return `${[format.text, format.pair].flatMap((text) => (text === undefined ? [] : oneLine(text))).join(' + ')} -> class in ${format.label}`;
    case 'chat':
      return [
        `chat in ${format.column}`,
        ...(['tools', 'system', 'documents'] as const).flatMap((part) =>
          format[part] === undefined ? [] : `${part} in ${format[part]}`,
        ),
        ...(format.template === undefined ? [] : ['with a chat template of its own']),
      ].join(', ');
    case 'text':
      return `text in ${format.column}`;
  }
};

const readSeparator = (name: string | undefined): SeparatorName | undefined => {
  if (name === undefined) return undefined;
  const found = separatorNames.find((each) => each === name);
  if (found === undefined)
    throw invalidInput(`--separator: "${name}" is none of ${separatorNames.join(', ')}`);
  return found;
};

const separatorText = ({ trainSeparator, validationSeparator }: Dataset): string | null =>
  validationSeparator === null || validationSeparator === trainSeparator
    ? trainSeparator
    : `${trainSeparator ?? 'none'}, in the validation file ${validationSeparator}`;

/** From 0, of a row that a person counts from 1. */
const rowIndex = (from: string | undefined): number | undefined => {
  const row = wholeNumber(from, '--from');
  if (row === 0) throw invalidInput('--from: rows count from 1');
  return row === undefined ? undefined : row - 1;
};

const previewText = ({ report, examples, classes, notices, problem }: Preview): string => {
  const summary = [
    `${plural(report.rows, 'row')}, of which ${countText(report.kept)} can be used`,
    ...(classes === null
      ? [
          `${countText(report.truncated)} cut at the end, ${countText(report.withoutTargets)} without anything to learn`,
          `${plural(report.tokens, 'token')}, of which ${countText(report.targetTokens)} carry loss`,
        ]
      : [
          `${countText(report.truncated)} cut at the end, ${plural(report.tokens, 'token')}`,
          `classes: ${classes.map(({ name, rows }) => `${name} (${countText(rows)})`).join(', ')}`,
        ]),
  ].join('\n');
  const shown = examples.map(
    ({ tokens, label }, index) =>
      `Example ${index + 1}${label === null ? '' : `, class ${label}`}\n${markedText(tokens)}`,
  );
  return [
    summary,
    ...shown,
    ...notices.map((notice) => `Note: ${notice}`),
    ...(problem === null ? [] : [`A run on this data would be refused: ${problem}`]),
  ].join('\n\n');
};

const inspectionText = (found: Inspection): string => {
  const columns = formatTable(found.columns, [
    { title: 'column', text: ({ name }) => name },
    { title: 'holds', text: ({ holds }) => holds },
    { title: 'used as', text: ({ parts }) => (parts.length === 0 ? 'not used' : parts.join(', ')) },
  ]);
  const facts = formatFields({
    file: found.name,
    size: bytesText(found.bytes),
    'rows read': `${countText(found.rowsRead)}${found.isWhole ? ', all of them' : ', the first'}`,
    'looks like': found.form,
    format: found.format === null ? null : formatText(found.format),
    separator: found.separator,
  });
  const examples = found.examples.map(
    ({ line, parts }) =>
      `Line ${line}\n${parts.map(({ name, text, learnt }) => `${name}: ${learnt ? `[${text}]` : text}`).join('\n')}`,
  );
  const shown = found.preview === null ? examples : [previewText(found.preview)];
  return [
    facts,
    columns,
    ...shown,
    ...(found.problem === null ? [] : [`An import would be refused: ${found.problem}`]),
  ].join('\n\n');
};

const duplicatesText = (found: Duplicates): string => {
  const facts = formatFields({
    'training rows': countText(found.trainRows),
    'held-out rows': countText(found.heldOutRows),
    'repeated in the training file': countText(found.repeatedRows),
    'held out and trained on': countText(found.sharedRows),
    'held out and nearly trained on': `${countText(found.nearRows)} of ${countText(found.nearLookedAt)} looked at (${found.near.threshold * 100} % of the stretches of ${found.near.words} words)`,
  });
  const pairs = formatTable(found.pairs, [
    { title: 'held out, line', text: ({ heldOut }) => countText(heldOut.line), isNumber: true },
    { title: 'training, line', text: ({ train }) => countText(train.line), isNumber: true },
    {
      title: 'alike',
      text: ({ similarity }) => (similarity === null ? 'the same' : `${Math.round(similarity * 100)} %`),
    },
    { title: 'text', text: ({ heldOut }) => oneLine(heldOut.text).slice(0, 80) },
  ]);
  return found.pairs.length === 0 ? facts : `${facts}\n\n${pairs}`;
};

/** Brackets around each stretch of tokens that carry loss. */
const markedText = (tokens: Preview['examples'][number]['tokens']): string =>
  tokens
    .map(({ text, target }, index) => {
      const opens = target && tokens[index - 1]?.target !== true;
      const closes = target && tokens[index + 1]?.target !== true;
      return `${opens ? '[' : ''}${text}${closes ? ']' : ''}`;
    })
    .join('');

const oneLine = (text: string): string => text.replaceAll('\n', '\\n');
