"""Numbers of NumPy and SciPy for test/engine/diagnostics: python make-fixtures.py > fixtures.json"""
import json

import numpy as np
from scipy.linalg import orth, subspace_angles, svdvals

random = np.random.default_rng(15)


def rounded(matrix):
    return np.asarray(matrix, dtype=np.float32).astype(np.float64)


def listed(matrix):
    return {"rows": matrix.shape[0], "columns": matrix.shape[1], "data": matrix.ravel().tolist()}


def spectrum(s):
    p = s / s.sum()
    energy = np.cumsum(s**2) / (s**2).sum()
    return {
        "frobenius": float(np.sqrt((s**2).sum())),
        "largest": float(s[0]),
        "stableRank": float((s**2).sum() / s[0] ** 2),
        "effectiveRank": float(np.exp(-(p * np.log(p)).sum())),
        "rank90": int(np.argmax(energy >= 0.9 - 1e-12) + 1),
    }


products = []
for m, k, n in [(9, 3, 7), (5, 6, 8), (12, 4, 4)]:
    left, right = rounded(random.normal(size=(m, k)) * 2.0 ** -np.arange(k)), rounded(random.normal(size=(k, n)))
    s = svdvals(left @ right)
    s = s[s > 1e-6 * s[0]]
    products.append({"left": listed(left), "right": listed(right), "singularValues": s.tolist(), "spectrum": spectrum(s)})

spaces = []
base = rounded(random.normal(size=(10, 3)))
for a, b in [
    (base, rounded(random.normal(size=(10, 3)))),
    (base, rounded(random.normal(size=(10, 5)))),
    (base, base @ rounded(random.normal(size=(3, 3))) + 1e-6 * random.normal(size=(10, 3))),
    (base, np.concatenate([base[:, :2] @ rounded(random.normal(size=(2, 2))), rounded(random.normal(size=(10, 1)))], axis=1)),
]:
    qa, qb = orth(a), orth(b)
    spaces.append({
        "a": listed(a),
        "b": listed(b),
        "angles": subspace_angles(a, b).tolist(),
        "similarity": float((np.linalg.norm(qa.T @ qb) ** 2) / min(a.shape[1], b.shape[1])),
    })

w, x = rounded(random.normal(size=(6, 8))), rounded(random.normal(size=(8, 30)) * np.linspace(0.1, 3, 8)[:, None])
b, a = rounded(random.normal(size=(6, 3))), rounded(random.normal(size=(3, 8)))
gram = x @ x.T / 30
ws = w @ np.linalg.cholesky(gram)
u, s, vt = np.linalg.svd(w)
us, ss, _ = np.linalg.svd(ws)
qb, qa = orth(b), orth(a.T)
energy = {
    "weight": listed(w), "gram": listed(gram), "b": listed(b), "a": listed(a),
    "weightEnergy": float(np.linalg.norm(qb.T @ w @ qa) ** 2 / np.linalg.norm(w) ** 2),
    "outputEnergy": float(np.linalg.norm(qb.T @ w @ x) ** 2 / np.linalg.norm(w @ x) ** 2),
    "outputError": float(np.linalg.norm((w - b @ a) @ x) / np.linalg.norm(w @ x)),
    # Of its own triplets: the sums of the kept sigma^2.
    "left": listed(u[:, :3]), "right": listed(vt[:3].T), "kept": float((s[:3] ** 2).sum() / (s**2).sum()),
    "weightedLeft": listed(us[:, :3]), "weightedKept": float((ss[:3] ** 2).sum() / (ss**2).sum()),
}
print(json.dumps({"products": products, "spaces": spaces, "energy": energy}))
