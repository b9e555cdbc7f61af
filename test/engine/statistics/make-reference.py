"""Writes fixtures/reference.json: numbers of scipy and statsmodels. Run once, outside of the tests; needs both, and mpmath."""

import json
import pathlib
import sys

import mpmath
import numpy as np
import pandas
import scipy
import statsmodels
from scipy import special, stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_effectsize
from statsmodels.stats.weightstats import DescrStatsW, ttost_paired

mpmath.mp.dps = 40
random = np.random.default_rng(20)


def rounded(values):
    return [float(f"{value:.6g}") for value in values]


def bootstrap():
    sample = rounded(random.exponential(size=25))
    made = stats.bootstrap((sample,), np.mean, n_resamples=999, method="percentile", rng=3)
    drawn = [float(value) for value in made.bootstrap_distribution]
    low, high = stats.bootstrap((sample,), np.mean, n_resamples=0, method="BCa", bootstrap_result=made).confidence_interval
    plain = stats.bootstrap((sample,), np.mean, n_resamples=0, method="percentile", bootstrap_result=made).confidence_interval
    n = len(sample)
    jackknife = [np.mean(sample[:i] + sample[i + 1 :]) for i in range(n)]
    parts = (n - 1) * (np.mean(jackknife) - np.array(jackknife))
    acceleration = float((parts**3).sum() / n**3 / (6 * ((parts**2).sum() / n**2) ** 1.5))
    return {
        "sample": sample, "drawn": drawn, "acceleration": acceleration,
        "accelerated": [float(low), float(high)], "percentile": [float(plain.low), float(plain.high)],
    }


def signed_ranks():
    cases = []
    for n in (3, 5, 12, 30, 50):
        values = rounded(random.normal(0.4, 1, n))
        exact = stats.wilcoxon(values, mode="exact")
        approximate = stats.wilcoxon(values, mode="approx", correction=False)
        cases.append({"values": values, "exact": exact.pvalue, "approximate": approximate.pvalue})
    tied = [1, 2, 2, -1, 3, 0, -2, 4, 4, 1, 5, -3, 2, 2, 6, 0, 1]
    cases.append({"values": tied, "exact": None, "approximate": stats.wilcoxon(tied, mode="approx", correction=False).pvalue})
    return cases


def sign_flips():
    cases = []
    for n in (3, 5, 8, 12):
        values = rounded(random.normal(0.5, 1, n))
        result = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
        two = stats.permutation_test(
            (values, [0.0] * n), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples",
            vectorized=True, n_resamples=np.inf)
        del result
        cases.append({"values": values, "p": float(two.pvalue)})
    return cases


def paired():
    cases = []
    for n in (2, 3, 5, 40):
        a, b = rounded(random.normal(0.6, 1, n)), rounded(random.normal(0, 1, n))
        difference = np.array(a) - np.array(b)
        test = stats.ttest_rel(a, b)
        low, high = DescrStatsW(difference).tconfint_mean(0.05)
        cases.append({
            "first": a, "second": b, "p": float(test.pvalue), "low": float(low), "high": float(high),
            "equivalence": float(ttost_paired(np.array(a), np.array(b), -1.5, 1.5)[0]),
            "d_z": float(difference.mean() / difference.std(ddof=1)),
        })
    return cases


def welch():
    cases = []
    for n, m in ((3, 3), (3, 5), (10, 4)):
        a, b = rounded(random.normal(0.6, 1, n)), rounded(random.normal(0, 3, m))
        test = stats.ttest_ind(a, b, equal_var=False)
        ci = test.confidence_interval(0.95)
        pooled = np.sqrt(((n - 1) * np.var(a, ddof=1) + (m - 1) * np.var(b, ddof=1)) / (n + m - 2))
        f = n + m - 2
        factor = float(np.exp(special.gammaln(f / 2) - special.gammaln((f - 1) / 2)) / np.sqrt(f / 2))
        cases.append({
            "first": a, "second": b, "p": float(test.pvalue), "degrees": float(test.df), "low": float(ci.low),
            "high": float(ci.high), "g": float((np.mean(a) - np.mean(b)) / pooled * factor), "factor": factor,
        })
    return cases


def crossed():
    """The mean squares of a two-way table without replication, as statsmodels' analysis of variance gives them."""
    cases = []
    for n, m, seed_effect, item_effect in ((3, 12, 1, 1), (5, 8, 0.2, 2), (2, 20, 0.5, 0.5)):
        table = 0.3 + seed_effect * random.normal(size=(n, 1)) + item_effect * random.normal(size=(1, m)) + random.normal(size=(n, m))
        rows = [rounded(row) for row in table]
        frame = pandas.DataFrame([(s, i, rows[s][i]) for s in range(n) for i in range(m)], columns=["s", "i", "y"])
        squares = anova_lm(ols("y ~ C(s) + C(i)", frame).fit())["mean_sq"]
        a, b, c = (float(squares[name]) / (n * m) for name in ("C(s)", "C(i)", "Residual"))
        cases.append({"rows": rows, "mean": float(frame.y.mean()), "seeds": a, "items": b, "residual": c})
    return cases


reference = {
    "versions": {"python": sys.version.split()[0], "scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__},
    "logGamma": [[x, float(special.gammaln(x))] for x in (0.01, 0.5, 1.5, 3.3, 9.99, 10, 77.7, 5000.5, 1e6)],
    "logBeta": [[a, b, float(special.betaln(a, b))] for a, b in ((0.5, 0.5), (1, 0.5), (2.5, 40), (12, 13), (500, 0.5), (900, 1200))],
    "incompleteBeta": [[x, a, b, float(special.betainc(a, b, x))]
        for x in (1e-6, 0.02, 0.3, 0.5, 0.77, 0.999) for a, b in ((0.5, 0.5), (1, 0.5), (2.5, 4), (30, 0.5), (200, 300))],
    "t": [[t, df, float(2 * stats.t.sf(t, df))] for t in (0.01, 0.5, 1.96, 4.3, 12.7, 60) for df in (1, 2, 2.7, 4, 30, 1000)]
        # scipy 1.17 is off by 5e-12 here, so mpmath gives it
        + [[t, 123456, float(mpmath.betainc(61728, 0.5, 0, 123456 / (123456 + mpmath.mpf(t) ** 2), regularized=True))] for t in (0.01, 1.96, 4.3, 12.7)],
    "tCritical": [[p, df, float(stats.t.isf(p / 2, df))] for p in (0.5, 0.1, 0.05, 0.01, 0.0005) for df in (1, 2, 3.6, 9, 200, 9999)],
    "normalTail": [[x, float(stats.norm.sf(x))] for x in (-7, -2.5, -0.3, 0, 0.1, 1.2, 2.499, 2.5, 4, 9, 30)],
    "normalQuantile": [[p, float(stats.norm.ppf(p))] for p in (1e-12, 0.001, 0.025, 0.3, 0.5, 0.9, 0.975, 0.999999)],
    "noncentralT": [[t, df, d, float(stats.nct.cdf(t, df, d))] for t in (-1, 0, 2, 4.3) for df in (1, 2, 4.5, 60) for d in (0, 0.7, 2.8)],
    # scipy's noncentral t is NaN far out in its lower tail; those rows are left out.
    "power": [row for row in ([d, n, a, float(TTestPower().power(d, n, a))] for d in (0.2, 0.5, 1, 2) for n in (3, 5, 20, 60) for a in (0.05, 0.01)) if np.isfinite(row[-1])],
    "binomial": [[k, n, p, float(stats.binomtest(k, n, p).pvalue)]
        for k, n, p in ((7, 24, 0.25), (0, 10, 0.5), (10, 10, 0.5), (25, 100, 0.25), (250, 1000, 0.2), (3, 5, 0.9), (5, 10, 0.5), (1, 3, 1 / 3))],
    "mcNemar": [[b, c, float(mcnemar([[5, b], [c, 7]], exact=True).pvalue)] for b, c in ((0, 0), (0, 6), (5, 5), (3, 9), (40, 65), (400, 480))],
    "holm": [{"values": v, "adjusted": [float(x) for x in multipletests(v, method="holm")[1]]}
        for v in ([0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.001, 0.9, 0.02, 0.02])],
    "cohensH": [[a, b, float(proportion_effectsize(a, b))] for a, b in ((0.5, 0.4), (0, 1), (0.91, 0.88))],
    "signedRank": signed_ranks(), "signFlips": sign_flips(), "paired": paired(), "welch": welch(), "bootstrap": bootstrap(), "crossed": crossed(),
}
path = pathlib.Path(__file__).parent / "fixtures" / "reference.json"
path.write_text(json.dumps(reference, indent=1, allow_nan=False) + "\n")
