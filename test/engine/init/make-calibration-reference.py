"""
What the calibration should find on the tiny Llama, by PyTorch in fp64: python make-calibration-reference.py ../../numeric/fixtures/llama fixtures/calibration.json
- the root mean square of the loss's gradient by the outputs of layers, over all tokens that are not padding;
- EVA: the main directions of inputs around their mean over labelled tokens, and how PEFT's rule shares the ranks out;
- COALA: W' = U U^T W without and with regularisation, from X itself.
"""
import json
import sys
from collections import Counter
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

folder, target = Path(sys.argv[1]), Path(sys.argv[2])
torch.set_default_dtype(torch.float64)
batches = [{k: torch.tensor(v) for k, v in b.items()} for b in json.loads((folder / "batches.json").read_text())]
model = AutoModelForCausalLM.from_pretrained(folder / "model", attn_implementation="eager").double().eval()
names = [n for n, m in model.named_modules() if isinstance(m, torch.nn.Linear) and n != "lm_head"]
inputs, gradients = {n: [] for n in names}, {n: [] for n in names}


def watch(name):
    def hook(module, given, output):
        inputs[name].append(given[0].detach().reshape(-1, given[0].shape[-1]))
        output.retain_grad()
        gradients[name].append(output)

    return hook


for name in names:
    model.get_submodule(name).register_forward_hook(watch(name))
for batch in batches:
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    flat = logits[:, :-1].reshape(-1, logits.shape[-1])
    torch.nn.functional.cross_entropy(flat, batch["labels"][:, 1:].reshape(-1), ignore_index=-100, reduction="sum").backward()
real = torch.cat([b["attention_mask"].reshape(-1) for b in batches]).bool()
labelled = torch.cat([b["labels"].reshape(-1) for b in batches]) != -100
starts = torch.cat([(torch.arange(b["labels"].shape[1]) == 0).expand(b["labels"].shape).reshape(-1) for b in batches])

rms = {}
for name in names:
    grads = torch.cat([g.grad.reshape(-1, g.shape[-1]) for g in gradients[name]])[real]
    rms[name] = grads.square().mean(0).sqrt().tolist()

rank, rho = 4, 2
components, explained = {}, {}
for name in names:
    x = torch.cat(inputs[name])[labelled & real & ~starts]
    centred = x - x.mean(0)
    _, s, vh = torch.linalg.svd(centred, full_matrices=False)
    explained[name] = (s.square() / s.square().sum())[: rank * rho]
    components[name] = vh[: rank * rho]
order = sorted(((n, i) for n in names for i in range(rank * rho)), key=lambda p: -explained[p[0]][p[1]].item())
ranks = Counter(n for n, _ in order[: rank * len(names)])

# W and X by formulas that any language has; fewer tokens than inputs.
out_features, in_features, tokens = 24, 30, 20
i, j, t = torch.arange(out_features)[:, None], torch.arange(in_features), torch.arange(tokens)
w = torch.sin(0.7 * i + 1.3 * j + 0.11 * i * j).float().double()
x = torch.cos(0.31 * j[:, None] * t + 0.17 * j[:, None]) * (1 + j[:, None] % 5)


def approximate(x, r):
    u = torch.linalg.svd(w @ x, full_matrices=False)[0][:, :r]
    return u @ (u.T @ w)


plain = approximate(x, 8)
off = w - plain
mu = 0.5 * (off @ x).square().sum() / off.square().sum()
regular = approximate(torch.cat([x, mu.sqrt() * torch.eye(x.shape[0])], 1), 8)

target.write_text(json.dumps({
    "gradientRms": {n: rms[n] for n in ["model.layers.1.mlp.down_proj", "model.layers.0.self_attn.v_proj"]},
    "eva": {
        "ranks": {n: ranks.get(n, 0) for n in names},
        "explained": {n: explained[n].tolist() for n in names},
        "projected": {n: (components[n][:rank].T @ (components[n][:rank] @ torch.linspace(-1, 1, components[n].shape[1]))).tolist() for n in names[:2]},
    },
    "coala": {"rank": 8, "regularisation": 0.5, "plain": (plain @ torch.linspace(-1, 1, in_features)).tolist(), "regular": (regular @ torch.linspace(-1, 1, in_features)).tolist()},
}) + "\n")
