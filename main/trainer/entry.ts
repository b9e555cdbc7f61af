import { holdSignals } from './process/end-signals.ts';

// Before anything else is even read from the disk: what would end the process by then is kept for whoever serves.
const signals = holdSignals();
const { serveTrainer } = await import('./serve-trainer.ts');
serveTrainer(signals);
