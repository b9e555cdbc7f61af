"""Loads the classifiers that classifiers.ts wrote with transformers and PEFT and prints the largest differences of logits from the workbench's."""
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
folder, rows = Path(sys.argv[1]), [json.loads(line) for line in Path(sys.argv[2]).read_text().splitlines()]
tolerance = 1e-4
worst = 0.0
for place in sorted(folder.iterdir()):
    settings = json.loads((place / "merged/tokenizer_config.json").read_text())
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(place / "merged/tokenizer.json"), **settings)
    texts = [[row[column] for row in rows] for column in ("text", "other")]
    length = {"padding": True, "truncation": True, "max_length": 32}
    inputs = tokenizer(*texts, **length, return_tensors="pt", return_token_type_ids=True)
    if place.name.startswith("roberta"):
        inputs.pop("token_type_ids")
    ours = torch.tensor(json.loads((place / "logits.json").read_text())).reshape(len(rows), -1)
    merged = AutoModelForSequenceClassification.from_pretrained(place / "merged", attn_implementation="eager").eval()
    base = AutoModelForSequenceClassification.from_pretrained(place / "model", num_labels=3, attn_implementation="eager")
    adapted = PeftModel.from_pretrained(base, place / "adapter").eval()
    with torch.no_grad():
        differences = [(model(**inputs).logits - ours).abs().max().item() for model in (merged, adapted)]
    worst = max(worst, *differences)
    print(f"{place.name:22} merged {differences[0]:.1e}  PEFT {differences[1]:.1e}  {merged.config.id2label}")
print(f"worst {worst:.1e}, allowed {tolerance:.0e}")
sys.exit(0 if worst <= tolerance else 1)
