import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The same as generate-ours.ts with node-llama-cpp: FOLDER-IT-IS-INSTALLED-IN FILE.gguf PROMPT TOKENS THREADS. */
const [folder, file, prompt, tokens, threads] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const { getLlama } = await import(pathToFileURL(require.resolve('node-llama-cpp')).href);

const llama = await getLlama({
  gpu: false,
  build: 'never',
  maxThreads: Number(threads),
  logLevel: 'error',
});
const model = await llama.loadModel({ modelPath: file });
const context = await model.createContext({ contextSize: 2048, threads: Number(threads) });
const sequence = context.getSequence();
const ids = Array.from({ length: Number(prompt) }, (_, at) => 5 + ((at * 7919) % 40_000));

const generate = async (count) => {
  await sequence.clearHistory();
  const start = performance.now();
  let [first, last, made, cpu] = [0, 0, 0];
  for await (const _ of sequence.evaluate(ids, { temperature: 0, yieldEogToken: true })) {
    last = performance.now();
    if (++made === 1) [first, cpu] = [last, process.cpuUsage()];
    if (made === count) break;
  }
  const used = process.cpuUsage(cpu);
  return {
    promptMs: first - start,
    tokenMs: (last - first) / (count - 1),
    tokenCpuMs: (used.user + used.system) / 1000 / (count - 1),
  };
};

await generate(4);
console.log(JSON.stringify(await generate(Number(tokens))));
process.exit(0);
