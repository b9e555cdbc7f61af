"""Greedy answers of transformers: FOLDER PROMPTS.jsonl TOKENS. A JSON line each: {prompt, answer}, both as ids. No token ends an answer."""
import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

folder, prompts, tokens = sys.argv[1], sys.argv[2], int(sys.argv[3])
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
model.generation_config.eos_token_id = None
model.generation_config.pad_token_id = 0
with open(prompts) as lines:
    for line in lines:
        ids = tokenizer(json.loads(line)["prompt"], return_tensors="pt").input_ids
        with torch.no_grad():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False)
        print(json.dumps({"prompt": ids[0].tolist(), "answer": out[0, ids.shape[1]:].tolist()}), flush=True)
