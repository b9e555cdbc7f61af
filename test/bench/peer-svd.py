"""Peer of awsvd.ts: torch.linalg.svd(full_matrices=False) in fp32 of every tensor of a safetensors file.

Reads lines on stdin; for each it does all matrices once and prints the seconds.   peer-svd.py FILE THREADS
"""

import sys
import time

import torch
from safetensors.torch import load_file

torch.set_num_threads(int(sys.argv[2]))
matrices = list(load_file(sys.argv[1]).values())
torch.linalg.svd(matrices[0], full_matrices=False)
print("ready", flush=True)
for _ in sys.stdin:
    started = time.perf_counter()
    for matrix in matrices:
        torch.linalg.svd(matrix, full_matrices=False)
    print(time.perf_counter() - started, flush=True)
