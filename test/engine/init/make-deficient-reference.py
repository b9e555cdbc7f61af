"""
What a weight's low-rank part should be for inputs that do not fill the space, by LAPACK in fp64 (NumPy): python make-deficient-reference.py fixtures/deficient.json
For each set of inputs X and each activation matrix: ||(W - W') X|| / ||W X|| and ||W - W'|| / ||W||, from X itself, without a
triangle, a Cholesky factor or a Gram matrix of anything. `least` is the least output error that the rank allows.
The formulas of W and X are those of deficient.test.ts.
"""
import json
import sys

import numpy as np

OUT, IN, RANK = 24, 32, 8


def entry(i, j, salt):
    return ((i * 7919 + j * 104729 + i * i * j * 31 + salt * 613 * (i + 3)) % 1009) / 1009 - 0.5


def matrix(rows, columns, salt):
    return np.array([[entry(i, j, salt) for j in range(columns)] for i in range(rows)])


def single(x):
    return x.astype(np.float32).astype(np.float64)


W = single(matrix(OUT, IN, 1))
x = single(matrix(60, IN, 2))
inputs = {
    "full": x,
    "one token": x[:1],
    "five tokens": x[:5],
    "as many tokens as the rank": x[:RANK],
    "more tokens than the rank": x[:12],
    "zero columns": x * (np.arange(IN) % 5 != 0),
    "four live columns": x * (np.arange(IN) < 4),
    "repeated columns": x[:, np.arange(IN) % 6],
    "columns in equal pairs": x[:, np.arange(IN) // 2],
    "repeated tokens": x[np.arange(60) % 4],
    "zero tokens": x * (np.arange(60) % 3 == 0)[:, None],
    "zeros": 0 * x,
    "columns of falling size": single(x * 2.0 ** -np.arange(IN)),
}
GRADIENT = np.array([0 if i % 5 == 0 else 0.1 + i for i in range(OUT)])  # mean squares


def truncated(m, rank=RANK):
    u, s, vt = np.linalg.svd(m, full_matrices=False)
    return (u[:, :rank] * s[:rank]) @ vt[:rank]


def coala(x, regularisation):
    """U U^T W. Directions that no input has are those of what is left of W: the limit of a regularisation that goes to zero."""

    def project(y):
        u, s, _ = np.linalg.svd(W @ y.T, full_matrices=False)
        u = u[:, :RANK][:, s[:RANK] > 1e-12 * s[0]] if s[0] > 0 else u[:, :0]
        rest = W - u @ (u.T @ W)
        return u @ (u.T @ W) + truncated(rest, RANK - u.shape[1]), u.shape[1] < RANK

    plain, short = project(x)
    rank = np.linalg.matrix_rank(W @ x.T, tol=1e-12 * np.linalg.norm(W @ x.T))
    if regularisation == 0 or short or rank <= RANK:
        return plain
    mu = regularisation * np.linalg.norm((W - plain) @ x.T) ** 2 / np.linalg.norm(W - plain) ** 2
    return project(np.vstack([x, np.sqrt(mu) * np.eye(IN)]))[0]


def diagonal(values, exponent=0.5):
    return np.maximum(values, 1e-6) ** exponent


def two_sided(x):
    rms = np.sqrt(GRADIENT)
    t, s = diagonal(rms / rms.mean()), diagonal(np.sqrt((x**2).mean(0)))
    return truncated(t[:, None] * W * s) / s / t[:, None]


def covariance(x):
    gram = x.T @ x / len(x)
    s = gram + 0.01 * np.trace(gram) / IN * np.eye(IN) if x.any() else np.eye(IN)
    return truncated(W @ s) @ np.linalg.inv(s)


def scaled(scale):
    return truncated(W * scale) / scale


kinds = {
    "none": lambda x: truncated(W),
    "mean-absolute": lambda x: scaled(diagonal(np.abs(x).mean(0))),
    "rms": lambda x: scaled(diagonal(np.sqrt((x**2).mean(0)))),
    "maximum": lambda x: scaled(diagonal(np.abs(x).max(0))),
    "covariance": covariance,
    "coala": lambda x: coala(x, 1),
    "coala without regularisation": lambda x: coala(x, 0),
    "gradient-weighted": two_sided,
}


def share(part, whole):
    return float(np.linalg.norm(part) / (np.linalg.norm(whole) or 1))


result = {}
for name, x in inputs.items():
    s = np.linalg.svd(W @ x.T, compute_uv=False)
    errors = {kind: [share((W - make(x)) @ x.T, W @ x.T), share(W - make(x), W)] for kind, make in kinds.items()}
    result[name] = {"least": share(s[RANK:], s), "errors": errors}
with open(sys.argv[1], "w") as file:
    json.dump(result, file, indent=1)
