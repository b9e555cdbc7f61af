import type { Command } from 'commander';
import { checkLibrary } from '../check-library.ts';
import { addCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../table.ts';

export const addDoctorCommand = (program: Command): void =>
  addCommand<{ report?: true; log?: true; check?: true; repair?: true }>(program, {
    usage: 'doctor',
    description: 'look at what this machine has and what the workbench lacks',
    options: {
      '--report': 'print a report for somebody who helps: read it before you share it',
      '--log': 'print what happened in the workbench itself',
      '--check': 'hold the library, and every file whose hash is known, against what was written',
      '--repair': 'check, and put right what can be, after saying what that is',
    },
    run: async (context, { report, log, check, repair }) => {
      if (check === true || repair === true) return checkLibrary(context, repair === true);
      const { call } = context;
      if (log) {
        const kept = await call('app.log', {});
        const lines = kept.lines.map(({ at, level, text }) => `${at} ${level.padEnd(7)} ${text}`);
        return { document: kept, text: lines.join('\n') || `${kept.file}: nothing yet` };
      }
      if (report) {
        const written = await call('app.report', {});
        return { document: written, text: written.text.trimEnd() };
      }
      const doctor = await call('app.doctor', {});
      const checks = formatTable(doctor.checks, [
        { title: 'check', text: ({ name }) => name },
        { title: 'status', text: ({ status }) => status },
        { title: 'detail', text: ({ detail, hint }) => (hint === null ? detail : `${detail} (${hint})`) },
      ]);
      const hasFailed = doctor.checks.some(({ status }) => status === 'failed');
      return {
        document: doctor,
        text: `NoRA Workbench ${doctor.version}, data in ${doctor.dataDirectory}\n\n${checks}`,
        exitCode: hasFailed ? exitCodes.failed : exitCodes.done,
      };
    },
  });
