"""Loads the CLIPs and SigLIPs that towers.ts wrote with transformers and PEFT and prints the largest differences of logits from the workbench's."""
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModel
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
tolerance = 1e-4
worst = 0.0


def tensor(given, dtype):
    return torch.tensor(given["data"], dtype=dtype).reshape(given["shape"])


for place in sorted(Path(sys.argv[1]).iterdir()):
    given = json.loads((place / "given.json").read_text())
    ids = tensor(given["input_ids"], torch.int64)
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values": tensor(given["pixels"], torch.float32)}
    merged = AutoModel.from_pretrained(place / "merged", attn_implementation="eager").eval()
    base = AutoModel.from_pretrained(place / "model", attn_implementation="eager").eval()
    with torch.no_grad():
        plain = base(**inputs).logits_per_image
        of_merged = merged(**inputs).logits_per_image
        of_adapter = PeftModel.from_pretrained(base, place / "adapter").eval()(**inputs).logits_per_image
    ours = torch.tensor(given["logits"]).reshape(of_merged.shape)
    differences = [(one - ours).abs().max().item() for one in (of_merged, of_adapter)]
    worst = max(worst, *differences)
    print(f"{place.name:12} merged {differences[0]:.1e}  PEFT {differences[1]:.1e}  (the base is {(plain - ours).abs().max().item():.1e} away)")
print(f"worst {worst:.1e}, allowed {tolerance:.0e}")
sys.exit(0 if worst <= tolerance else 1)
