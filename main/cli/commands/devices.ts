import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { formatTable } from '../table.ts';

export const addDevicesCommand = (program: Command): void =>
  addCommand(program, {
    usage: 'devices',
    description: 'try which devices of this machine can train: a few steps on each, in a process of its own',
    run: async ({ call }) => {
      const devices = await call('devices.probe', {});
      return {
        document: devices,
        text: formatTable(devices, [
          { title: 'device', text: ({ label }) => label },
          { title: 'name', text: ({ name }) => name },
          { title: 'usable', text: ({ usable }) => (usable ? 'yes' : 'no') },
          {
            title: 'detail',
            text: ({ detail, hint }) => (hint === null ? detail : `${detail} (needs ${hint})`),
          },
        ]),
      };
    },
  });
