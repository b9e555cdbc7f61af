"""The same as generate-ours.ts with transformers: FOLDER PROMPT TOKENS THREADS."""
import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM

folder, prompt, tokens, threads = sys.argv[1], *map(int, sys.argv[2:5])
torch.set_num_threads(threads)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
model.generation_config.eos_token_id = None
model.generation_config.pad_token_id = 0
ids = torch.tensor([[5 + (i * 7919) % 40000 for i in range(prompt)]])


class Clock:
    """A streamer is given the prompt, then each token."""

    def __init__(self):
        self.calls = 0

    def put(self, _):
        self.calls += 1
        self.last = time.perf_counter()
        if self.calls == 2:
            self.first, self.cpu = self.last, time.process_time()
        self.last_cpu = time.process_time()

    def end(self):
        pass


def generate(count):
    clock, start = Clock(), time.perf_counter()
    with torch.no_grad():
        model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, do_sample=False, streamer=clock)
    return clock, start


generate(4)
clock, start = generate(tokens)
print(json.dumps({
    "promptMs": (clock.first - start) * 1000,
    "tokenMs": (clock.last - clock.first) * 1000 / (tokens - 1),
    "tokenCpuMs": (clock.last_cpu - clock.cpu) * 1000 / (tokens - 1),
}))
