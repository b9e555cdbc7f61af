import { readFileSync } from 'node:fs';
import { scoreSpecificationSchema } from '../../../main/trainer/protocol/score-schema.ts';
import { scoreSubjects } from '../../../main/trainer/score/score-subjects.ts';

/** Scores what a file asks for, in a process that a test can kill. Each event is a line. */
const [file] = process.argv.slice(2);
const specification = scoreSpecificationSchema.parse(JSON.parse(readFileSync(file!, 'utf8')));
await scoreSubjects(specification, {
  emit: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
  shouldStop: () => null,
});
