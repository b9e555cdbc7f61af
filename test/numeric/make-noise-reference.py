"""
Trains the tiny Llama with PEFT, with dropout and NEFTune's noise drawn as the engine draws them (test/engine/train/noise.test.ts
compares): python make-noise-reference.py fixtures/llama ../engine/train/fixtures/noise.json
The numbers are xoshiro128**'s, as in main/engine/random.ts; entry (i, j) of a mask is rows[i, 0] columns[j] + rows[i, 1] mod 2^32.
"""
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

folder, target = Path(sys.argv[1]), Path(sys.argv[2])
batches = [{k: torch.tensor(v) for k, v in b.items()} for b in json.loads((folder / "batches.json").read_text())]
rate, alpha, seed, steps = 0.25, 5.0, 17, 8
word = 2**32 - 1


def scramble(x):
    x = ((x ^ (x >> 16)) * 0x21F0AAAD) & word
    x = ((x ^ (x >> 15)) * 0x735A2D97) & word
    return x ^ (x >> 15)


def generator(seed, stream):
    state = 0
    for value in (seed, stream):
        for part in (value & word, value >> 32):
            state = scramble(((state ^ part) + 0x9E3779B9) & word)
    words = []
    for _ in range(4):
        state = (state + 0x9E3779B9) & word
        words.append(scramble(state))
    a, b, c, d = words
    rotate = lambda x, n: ((x << n) | (x >> (32 - n))) & word
    while True:
        yield (rotate((b * 5) & word, 7) * 9) & word
        shifted = (b << 9) & word
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = rotate(d, 11)


def draw(seed, stream, count):
    numbers = generator(seed, stream)
    return np.array([next(numbers) - 2**31 for _ in range(count)], dtype=np.int64)


class Source:
    """Rows of the step at hand, columns of each place in the order in which they are first asked for."""

    def __init__(self):
        self.columns = {}

    def begin(self, step, rows):
        self.rows = draw(seed, step, 2 * rows).reshape(rows, 2)

    def hash(self, name, width):
        if name not in self.columns:
            self.columns[name] = draw(0x4E6F6973, len(self.columns), width)
        exact = (self.rows[:, :1] * self.columns[name][None] + self.rows[:, 1:]) & word
        return exact.astype(np.uint32).view(np.int32)


class Dropout(torch.nn.Module):
    def __init__(self, source, name):
        super().__init__()
        self.source, self.name = source, name

    def forward(self, x):
        hashed = self.source.hash(self.name, x.shape[-1])
        kept = torch.from_numpy(hashed <= round((2 * (1 - rate) - 1) * 2**31))
        return x * kept.reshape(x.shape) / (1 - rate)


def train(method, neftune):
    base = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32, attn_implementation="eager")
    model = PeftModel.from_pretrained(base, folder / method / "init", is_trainable=True).train()
    source = Source()
    if neftune:

        def disturb(_, __, output):
            magnitude = alpha / math.sqrt(output.shape[1] * output.shape[2])
            noise = torch.from_numpy(source.hash("embeddings", output.shape[2]).astype(np.float32)) * 2**-31
            return output + noise.reshape(output.shape) * magnitude

        model.get_input_embeddings().register_forward_hook(disturb)
    for name, module in model.named_modules():
        if hasattr(module, "lora_dropout") and "default" in module.lora_A:
            module.lora_dropout["default"] = Dropout(source, name)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=4e-3, weight_decay=0.01)
    losses, norms = [], []
    for step in range(steps):
        batch = batches[step % len(batches)]
        source.begin(step, batch["input_ids"].numel())
        loss = model(**batch).loss
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, 1.0).item())
        optimizer.step()
        optimizer.zero_grad()
    return {"losses": losses, "gradientNorms": norms}


target.parent.mkdir(exist_ok=True)
cases = [("lora", False), ("dora", False), ("pissa", False), ("lora", True)]
results = [{"method": method, "neftune": neftune, **train(method, neftune)} for method, neftune in cases]
target.write_text(json.dumps({"rate": rate, "alpha": alpha, "seed": seed, "runs": results}, indent=1) + "\n")
