//! The leading singular triplets of a tall matrix by a Chebyshev-filtered subspace iteration on its Gram matrix. The twin,
//! step by step, is main/engine/linear-algebra/leading-triplets.ts, which has the derivation.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatRef, Par, Side};

/// Estimated excess of the error over the best one at which the iteration stops.
const TOLERANCE: f64 = 0.006;
/// What a round leaves of the gain it made, by the degree of its filter: an upper estimate, measured on model weights.
const LEFT_BY_DEGREE: [f64; 5] = [1.0, 0.5, 0.12, 0.06, 0.03];
/// A filter that lifts the largest eigenvalue further than this over the cut drowns the others in fp32 rounding.
const LARGEST_LIFT: f64 = 5e6;
/// Eigenvalues of the Gram matrix below this part of the largest are fp32 rounding.
const RESOLVED: f64 = 2e-6;
const MOST_ROUNDS: usize = 6;

/// tall ~ (t / sigma) diag(sigma) basis^T: basis (n x r) orthonormal, t = tall basis (m x r) with orthogonal columns of
/// length sigma.
pub struct LeadingTriplets {
    pub basis: Mat<f64>,
    pub t: Mat<f64>,
    pub sigma: Vec<f64>,
}

/// None where the result could not be verified in fp32: the caller takes the exact decomposition. `sketch` is n x l with
/// l >= rank, or n x 0 for no sketch: then the whole space is decomposed, in fp64.
pub fn leading_triplets(
    tall: MatRef<'_, f32>,
    sketch: MatRef<'_, f32>,
    rank: usize,
) -> Option<LeadingTriplets> {
    let energy = (0..tall.ncols())
        .map(|j| {
            tall.col(j)
                .iter()
                .map(|&x| f64::from(x) * f64::from(x))
                .sum::<f64>()
        })
        .sum::<f64>();
    if energy == 0.0 {
        return None;
    }
    if sketch.ncols() == 0 {
        let identity = Mat::<f32>::identity(tall.ncols(), tall.ncols());
        let (triplets, eigenvalues) = rayleigh_ritz(widen(tall), identity.as_ref(), rank)?;
        return (eigenvalues[rank - 1] > 1e-12 * eigenvalues[0]).then_some(triplets);
    }

    let gram = gram(tall);
    let mut basis = orthonormalize(product(gram.as_ref(), sketch));
    let mut image = product(gram.as_ref(), basis.as_ref());
    let projected = widen(product(basis.transpose(), image.as_ref()).as_ref());
    let mut eigenvalues = projected.self_adjoint_eigenvalues(Side::Lower).ok()?;
    eigenvalues.reverse();
    for _ in 0..MOST_ROUNDS {
        let (largest, cut) = (eigenvalues[0], *eigenvalues.last()?);
        if cut <= RESOLVED * largest {
            return None;
        }
        let degree = filter_degree(2.0 * largest / cut - 1.0);
        let captured: f64 = eigenvalues[..rank].iter().sum();
        basis = orthonormalize(filter(gram.as_ref(), basis, image, cut as f32, degree));
        let t = widen(product(tall, basis.as_ref()).as_ref());
        let (triplets, refined) = rayleigh_ritz(t, basis.as_ref(), rank)?;
        eigenvalues = refined;
        let now: f64 = eigenvalues[..rank].iter().sum();
        let dropped = energy - now;
        if dropped <= 1e-5 * energy {
            return None;
        }
        if LEFT_BY_DEGREE[degree] * (now - captured).max(0.0) <= 2.0 * TOLERANCE * dropped {
            return Some(triplets);
        }
        image = product(gram.as_ref(), basis.as_ref());
    }
    None
}

/// The highest degree, 2 to 4, whose Chebyshev polynomial stays below the largest lift at x; 2 in any case.
fn filter_degree(x: f64) -> usize {
    let lift = |degree: i32| 2.0_f64.powi(degree - 1) * x.powi(degree);
    (3..=4)
        .rev()
        .find(|&degree| lift(degree) <= LARGEST_LIFT)
        .unwrap_or(2) as usize
}

/// T_degree((2 G - cut I) / cut) basis, by the three-term recurrence; `image` is G basis.
fn filter(
    gram: MatRef<'_, f32>,
    basis: Mat<f32>,
    image: Mat<f32>,
    cut: f32,
    degree: usize,
) -> Mat<f32> {
    let shifted = |image: Mat<f32>, of: &Mat<f32>, factor: f32| -> Mat<f32> {
        Mat::from_fn(of.nrows(), of.ncols(), |i, j| {
            factor * (2.0 / cut * image[(i, j)] - of[(i, j)])
        })
    };
    let mut current = shifted(image, &basis, 1.0);
    let mut previous = basis;
    for _ in 1..degree {
        let mut next = shifted(product(gram, current.as_ref()), &current, 2.0);
        next -= &previous;
        previous = current;
        current = next;
    }
    current
}

/// Turns t = tall basis so that its columns are orthogonal, the longest first, and keeps `rank` of them. The Gram matrix of t
/// is taken in fp64. Also all the squared lengths.
fn rayleigh_ritz(
    t: Mat<f64>,
    basis: MatRef<'_, f32>,
    rank: usize,
) -> Option<(LeadingTriplets, Vec<f64>)> {
    let small = t.ncols();
    let mut projected = Mat::<f64>::zeros(small, small);
    triangular::matmul(
        projected.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        t.transpose(),
        BlockStructure::Rectangular,
        t.as_ref(),
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
    let eigen = projected.self_adjoint_eigen(Side::Lower).ok()?;
    let values = eigen.S().column_vector();
    let eigenvalues: Vec<f64> = (0..small).rev().map(|k| values[k].max(0.0)).collect();
    let turn = Mat::from_fn(small, rank, |i, k| eigen.U()[(i, small - 1 - k)]);
    let multiply = |left: MatRef<'_, f64>| -> Mat<f64> {
        let mut result = Mat::zeros(left.nrows(), rank);
        matmul(
            result.as_mut(),
            Accum::Replace,
            left,
            turn.as_ref(),
            1.0,
            Par::Seq,
        );
        result
    };
    let sigma = eigenvalues[..rank]
        .iter()
        .map(|value| value.sqrt())
        .collect();
    let triplets = LeadingTriplets {
        basis: multiply(widen(basis).as_ref()),
        t: multiply(t.as_ref()),
        sigma,
    };
    Some((triplets, eigenvalues))
}

/// tall^T tall, whole.
fn gram(tall: MatRef<'_, f32>) -> Mat<f32> {
    let n = tall.ncols();
    let mut gram = Mat::<f32>::zeros(n, n);
    triangular::matmul(
        gram.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        tall.transpose(),
        BlockStructure::Rectangular,
        tall,
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
    for j in 0..n {
        for i in 0..j {
            gram[(i, j)] = gram[(j, i)];
        }
    }
    gram
}

fn orthonormalize(matrix: Mat<f32>) -> Mat<f32> {
    matrix.qr().compute_thin_Q()
}

fn product(left: MatRef<'_, f32>, right: MatRef<'_, f32>) -> Mat<f32> {
    let mut result = Mat::zeros(left.nrows(), right.ncols());
    matmul(result.as_mut(), Accum::Replace, left, right, 1.0, Par::Seq);
    result
}

fn widen(matrix: MatRef<'_, f32>) -> Mat<f64> {
    Mat::from_fn(matrix.nrows(), matrix.ncols(), |i, j| {
        f64::from(matrix[(i, j)])
    })
}
