"""Loads the adapters that round-trip.ts wrote with PEFT and prints the largest difference of logits from the workbench's."""
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

fixtures, folder = Path(sys.argv[1]), Path(sys.argv[2])
tolerance = 1e-4
worst = 0.0
kept = {}
for architecture in sorted(path for path in folder.iterdir() if path.is_dir()):
    batch = json.loads((fixtures / architecture.name / "batches.json").read_text())[0]
    inputs = {key: torch.tensor(batch[key]) for key in ("input_ids", "attention_mask")}
    maker = AutoModelForSequenceClassification if architecture.name.endswith("_cls") else AutoModelForCausalLM
    for method in sorted(architecture.iterdir()):
        ours = load_file(method / "logits.safetensors")["logits"]
        # The adapter on the model as it is, and where the start took something from the model, on what is left of it.
        bases = {"adapter": fixtures / architecture.name / "model", "adapter-on-base": method / "base"}
        for name, base in bases.items():
            if not (method / name).exists():
                continue
            model = maker.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
            model = PeftModel.from_pretrained(model, method / name).eval()
            kind = model.peft_config["default"].peft_type.value
            with torch.no_grad():
                logits = model(**inputs).logits
            row = logits[0] if logits.ndim == 2 else logits[0, inputs["attention_mask"][0].sum() - 1]
            kept.setdefault(architecture.name, {})[method.name] = [round(value, 6) for value in row[:8].tolist()]
            difference = (logits - ours.reshape(logits.shape)).abs()
            if logits.ndim == 3:
                difference = difference[inputs["attention_mask"].bool()]
            worst = max(worst, difference.max().item())
            print(f"{architecture.name:12} {method.name:14} {name:16} {kind:8} {difference.max().item():.1e}")
(folder / "logits.json").write_text(json.dumps(kept))
print(f"worst {worst:.1e}, allowed {tolerance:.0e}")
sys.exit(0 if worst <= tolerance else 1)
