import { fileURLToPath } from 'node:url';
import { designSpace } from '../../main/engine/adapters/layer/design-space.ts';

export const methodsDocument = fileURLToPath(new URL('../../docs/methods.md', import.meta.url));

const cell = (text: string): string => text.replaceAll('|', '\\|');
const list = (texts: readonly string[]): string => texts.map(cell).join('; ') || '—';

/** The table of methods as Markdown, from the code that trains them. */
export const methodsText = (): string => {
  const rows = designSpace();
  const lines = rows.map((row) =>
    [
      row.source ? `**${row.title}** (${row.source})` : `**${row.title}**`,
      `\`${cell(row.delta)}\`${row.scaling ? `, ${cell(row.scaling)}` : ''}`,
      list(row.starts),
      list(row.trained),
      list(row.frozen),
      cell(row.parameters),
      row.startsAtBase ? 'yes' : 'no',
      row.peft === null ? '—' : cell(row.peft),
    ].join(' | '),
  );
  const columns = [
    'method',
    'delta W',
    'starts as',
    'trained',
    'frozen',
    'trained numbers of a layer',
    'starts at the base',
    'in PEFT',
  ];
  return `# Methods

Written by \`npm run docs\` from the descriptions in \`main/engine/adapters/methods\`; a test holds it to them.

W is (out x in), A (r x in), B (out x r), the inner A' (r' x r) and B' (r x r'). A method that PEFT lacks (—) is exported as the LoRA that
it amounts to. What starts as a part of W is taken from the base for good (B0 A0), and is exported with twice the rank, or with its own beside the base that is left.

| ${columns.join(' | ')} |
|${columns.map(() => ' --- ').join('|')}|
${lines.map((line) => `| ${line} |`).join('\n')}

${rows.map(({ title, summary }) => `- **${title}**: ${summary}`).join('\n')}
`;
};
