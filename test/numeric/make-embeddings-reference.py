"""
Trains LoRA and DoRA on embeddings and the output head with transformers and PEFT, beside two linear layers, on a fixture's model and
batches, and adds the results to it: python make-embeddings-reference.py fixtures/llama
Where the head is tied to the embedding, PEFT adapts each of the two alone.
"""
import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

folder = Path(sys.argv[1])
batches = [{k: torch.tensor(v) for k, v in b.items()} for b in json.loads((folder / "batches.json").read_text())]
expected = json.loads((folder / "expected.json").read_text())
names = {
    "gpt2": ["wte", "wpe", "lm_head", "c_attn"],
    "bert_cls": ["word_embeddings", "position_embeddings", "query", "value"],
    "roberta_cls": ["word_embeddings", "position_embeddings", "query", "value"],
}
targets = names.get(folder.name, ["embed_tokens", "lm_head", "q_proj", "v_proj"])
maker = AutoModelForSequenceClassification if folder.name.endswith("_cls") else AutoModelForCausalLM

for seed, (name, use_dora) in enumerate([("lora_embeddings", False), ("dora_embeddings", True)]):
    torch.manual_seed(21 + seed)
    base = maker.from_pretrained(folder / "model", dtype=torch.float32, attn_implementation="eager")
    model = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, target_modules=targets, use_dora=use_dora)).eval()
    model.save_pretrained(folder / name / "init")
    (folder / name / "init" / "README.md").unlink(missing_ok=True)
    # The base's own weights, which PEFT saves too, are in the fixture already; one of them stays as an example.
    file = folder / name / "init" / "adapter_model.safetensors"
    kept = {k: v for k, v in load_file(file).items() if "base_layer" not in k or (not use_dora and "embed_tokens" in k)}
    save_file(kept, file, metadata={"format": "pt"})
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=4e-3, weight_decay=0.01)
    losses, norms = [], []
    for index in range(20):
        optimizer.zero_grad()
        loss = model(**batches[index % len(batches)]).loss
        loss.backward()
        losses.append(loss.item())
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, 1.0).item())
        optimizer.step()
    with torch.no_grad():
        final = model(**batches[0]).logits
    save_file({"logits": final.contiguous()}, folder / name / "final_logits.safetensors")
    expected["methods"][name] = {"losses": losses, "grad_norms": norms, "trainable": sum(p.numel() for p in parameters)}
(folder / "expected.json").write_text(json.dumps(expected, indent=1))
