"""Writes clip-tokens.json: what transformers' CLIPTokenizer makes of texts, from vocab.json and merges.txt with the special tokens of the
public pipelines' files. CLIP's vocabulary is that of open_clip_torch. Needs transformers and that file:
  python make-clip-tokens.py PATH_OF_BPE_SIMPLE_VOCAB_16E6_TXT_GZ
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path

import transformers
from transformers import CLIPTokenizer

merges = gzip.open(sys.argv[1]).read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
others = [b for b in range(256) if b not in printable]
bytes_ = [chr(b) for b in printable] + [chr(256 + n) for n in range(len(others))]
tokens = bytes_ + [b + "</w>" for b in bytes_] + [m.replace(" ", "") for m in merges] + ["<|startoftext|>", "<|endoftext|>"]

texts = [
    "a photo of a sks dog", "A red Kangaroo, in Zürich!  At 12:30\n\n", "hello!!! world!", "!", "don't we'll THEY'VE", "", "   ",
    "日本語の絵 and émigré ①½", "snow ☃ 🎉👩‍👩‍👧", "<|endoftext|> inside <|startoftext|>", "a_b-c/d (x:1.2) [y]", "e\u0301 combining",
    "ﬁne ligature ǅ", "1234567 tokens", "tab\there", "nbsp\u00a0here", "x" * 200, "Ω≈ç√∫˜µ≤", "it's 'quoted' text's",
]

lower = dict(add_prefix_space=False, do_lower_case=True, errors="replace", model_max_length=77, tokenizer_class="CLIPTokenizer")


def token(content, normalized=True):
    return dict(__type="AddedToken", content=content, lstrip=False, normalized=normalized, rstrip=False, single_word=False)


def mapped(content, normalized=True):
    return dict(content=content, lstrip=False, normalized=normalized, rstrip=False, single_word=False)


start, end = "<|startoftext|>", "<|endoftext|>"
folders = {
    # As the files of SD 1.5, SD 2.1 and SDXL have them.
    "sd-1.5": (
        dict(lower, bos_token=token(start), eos_token=token(end), unk_token=token(end), pad_token=end),
        dict(bos_token=mapped(start), eos_token=mapped(end), unk_token=mapped(end), pad_token=end),
    ),
    "sd-2.1": (
        dict(lower, bos_token=token(start), eos_token=token(end), unk_token=token(end), pad_token=end),
        dict(bos_token=mapped(start), eos_token=mapped(end), unk_token=mapped(end), pad_token="!"),
    ),
    "sdxl-2": (
        dict(lower, bos_token=token(start), eos_token=token(end), unk_token=token(end, False), pad_token="!"),
        dict(bos_token=mapped(start), eos_token=mapped(end), unk_token=mapped(end, False), pad_token="!"),
    ),
    "plain": (None, None),
}

told = dict(transformers=transformers.__version__, texts=texts, folders={})
for name, (config, special) in folders.items():
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}), encoding="utf8")
        Path(directory, "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf8")
        if config:
            Path(directory, "tokenizer_config.json").write_text(json.dumps(config))
            Path(directory, "special_tokens_map.json").write_text(json.dumps(special))
        tokenizer = CLIPTokenizer.from_pretrained(directory)
        told["folders"][name] = dict(
            config=config, special=special, pad=tokenizer.pad_token_id,
            ids=[tokenizer(text)["input_ids"] for text in texts],
            decoded=[tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) for text in texts],
        )

path = Path(__file__).parent / "clip-tokens.json"
path.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf8")
