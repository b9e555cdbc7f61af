//! The leading singular triplets of a tall matrix by a Chebyshev-filtered subspace iteration on its Gram matrix. The twin,
//! step by step, is main/engine/linear-algebra/leading-triplets.ts, which has the derivation.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::traits::ComplexField;
use faer::{Accum, Mat, MatRef, Par, Side};

/// Estimated excess of the error over the best one at which the iteration stops.
const TOLERANCE: f64 = 0.006;
/// What a round leaves of its gain, times what its filter lifts the last kept direction by: measured on model weights.
const LEFT: f64 = 0.25;
/// A filter that lifts the largest eigenvalue further than this over the cut drowns the others in fp32 rounding: columns are
/// Ritz vectors, so what they hold of the largest one is rounding itself, and its part in the drowning is squared.
const LARGEST_LIFT: f64 = 1e10;
/// Eigenvalues of the Gram matrix below this part of the largest are fp32 rounding.
const RESOLVED: f64 = 2e-6;
/// The part of a column that those before it do not span has to be longer than this part of it, for a basis by Cholesky.
const INDEPENDENT: f64 = 1e-3;
const MOST_ROUNDS: usize = 6;

/// tall ~ (t / sigma) diag(sigma) basis^T: basis (n x r) orthonormal, t = tall basis (m x r) with orthogonal columns of
/// length sigma.
pub struct LeadingTriplets {
    pub basis: Mat<f32>,
    pub t: Mat<f32>,
    pub sigma: Vec<f64>,
}

/// None where the result could not be verified in fp32: the caller takes the exact decomposition. `energy` is the sum of the
/// squared entries, `sketch` is n x l with
/// l >= rank, or n x 0 for no sketch: then the whole space is decomposed, in fp64.
pub fn leading_triplets(
    tall: MatRef<'_, f32>,
    sketch: MatRef<'_, f32>,
    rank: usize,
    energy: f64,
) -> Option<LeadingTriplets> {
    if sketch.ncols() == 0 {
        let identity = Mat::<f32>::identity(tall.ncols(), tall.ncols());
        let Ritz {
            triplets,
            eigenvalues,
            ..
        } = rayleigh_ritz(tall, identity.as_ref(), rank)?;
        return (eigenvalues[rank - 1] > 1e-12 * eigenvalues[0]).then_some(triplets);
    }

    let gram = gram(tall);
    let mut basis = orthonormalize(product(gram.as_ref(), sketch));
    let mut image = product(gram.as_ref(), basis.as_ref());
    let projected = product(basis.transpose(), image.as_ref());
    let eigen = projected.self_adjoint_eigen(Side::Lower).ok()?;
    let mut eigenvalues: Vec<f64> = eigen
        .S()
        .column_vector()
        .iter()
        .rev()
        .map(|&value| f64::from(value))
        .collect();
    let turn = eigen.U().reverse_cols();
    basis = product(basis.as_ref(), turn);
    image = product(image.as_ref(), turn);
    for _ in 0..MOST_ROUNDS {
        let (largest, cut) = (eigenvalues[0], *eigenvalues.last()?);
        if cut <= RESOLVED * largest {
            return None;
        }
        let degree = filter_degree(2.0 * largest / cut - 1.0);
        let captured: f64 = eigenvalues[..rank].iter().sum();
        basis = orthonormalize(filter(gram.as_ref(), basis, image, cut as f32, degree));
        let t = product(tall, basis.as_ref());
        let ritz = rayleigh_ritz(t.as_ref(), basis.as_ref(), rank)?;
        eigenvalues = ritz.eigenvalues;
        let now: f64 = eigenvalues[..rank].iter().sum();
        let dropped = energy - now;
        if dropped <= 1e-5 * energy {
            return None;
        }
        let left = LEFT / chebyshev(degree, (2.0 * eigenvalues[rank - 1] / cut - 1.0).max(1.0));
        if left * (now - captured).max(0.0) <= 2.0 * TOLERANCE * dropped {
            return Some(ritz.triplets);
        }
        basis = ritz.turned;
        image = product(gram.as_ref(), basis.as_ref());
    }
    None
}

/// The highest degree, 2 to 4, whose Chebyshev polynomial stays below the largest lift at x; 2 in any case.
fn filter_degree(x: f64) -> usize {
    (3..=4)
        .rev()
        .find(|&degree| chebyshev(degree, x) <= LARGEST_LIFT)
        .unwrap_or(2)
}

/// The Chebyshev polynomial of a degree of 2 to 4.
fn chebyshev(degree: usize, x: f64) -> f64 {
    let square = x * x;
    match degree {
        2 => 2.0 * square - 1.0,
        3 => x * (4.0 * square - 3.0),
        _ => 8.0 * square * (square - 1.0) + 1.0,
    }
}

/// T_degree((2 G - cut I) / cut) basis, by the three-term recurrence; `image` is G basis.
fn filter(
    gram: MatRef<'_, f32>,
    basis: Mat<f32>,
    image: Mat<f32>,
    cut: f32,
    degree: usize,
) -> Mat<f32> {
    let shift = |image: &mut Mat<f32>, of: &Mat<f32>, factor: f32| {
        for j in 0..of.ncols() {
            let slope = factor * 2.0 / cut;
            let entries = image.col_as_slice_mut(j).iter_mut();
            for (entry, &other) in entries.zip(of.col_as_slice(j)) {
                *entry = slope * *entry - factor * other;
            }
        }
    };
    let mut current = image;
    shift(&mut current, &basis, 1.0);
    let mut previous = basis;
    for _ in 1..degree {
        let mut next = product(gram, current.as_ref());
        shift(&mut next, &current, 2.0);
        next -= &previous;
        previous = current;
        current = next;
    }
    current
}

struct Ritz {
    triplets: LeadingTriplets,
    /// All of the basis, turned.
    turned: Mat<f32>,
    /// All squared lengths.
    eigenvalues: Vec<f64>,
}

/// Turns t = tall basis so that its columns are orthogonal, the longest first, and keeps `rank` of them. The Gram matrix of t
/// is taken in fp64.
fn rayleigh_ritz(t: MatRef<'_, f32>, basis: MatRef<'_, f32>, rank: usize) -> Option<Ritz> {
    let small = t.ncols();
    let projected = lower_gram(widen(t).as_ref());
    let eigen = projected.self_adjoint_eigen(Side::Lower).ok()?;
    let values = eigen.S().column_vector();
    let eigenvalues: Vec<f64> = (0..small).rev().map(|k| values[k].max(0.0)).collect();
    let turn = Mat::from_fn(small, small, |i, k| eigen.U()[(i, small - 1 - k)] as f32);
    let turned = product(basis, turn.as_ref());
    let triplets = LeadingTriplets {
        basis: turned.subcols(0, rank).to_owned(),
        t: product(t, turn.subcols(0, rank)),
        sigma: eigenvalues[..rank]
            .iter()
            .map(|value| value.sqrt())
            .collect(),
    };
    Some(Ritz {
        triplets,
        turned,
        eigenvalues,
    })
}

/// tall^T tall, whole.
fn gram(tall: MatRef<'_, f32>) -> Mat<f32> {
    let mut gram = lower_gram(tall);
    for j in 0..gram.ncols() {
        for i in 0..j {
            gram[(i, j)] = gram[(j, i)];
        }
    }
    gram
}

/// The lower triangle of matrix^T matrix.
fn lower_gram<T: ComplexField>(matrix: MatRef<'_, T>) -> Mat<T> {
    let mut gram = Mat::zeros(matrix.ncols(), matrix.ncols());
    triangular::matmul(
        gram.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        matrix.transpose(),
        BlockStructure::Rectangular,
        matrix,
        BlockStructure::Rectangular,
        T::one_impl(),
        Par::Seq,
    );
    gram
}

/// An orthonormal basis of what the columns span, in their order.
fn orthonormalize(matrix: Mat<f32>) -> Mat<f32> {
    by_cholesky(&matrix).unwrap_or_else(|| matrix.qr().compute_thin_Q())
}

/// The same in half the time: matrix L^-T, where L L^T is the matrix's Gram matrix, in fp64. The columns are orthogonal to fp32
/// rounding over what is left of the most dependent one, 6e-5 at most; None where less is left of a column.
fn by_cholesky(matrix: &Mat<f32>) -> Option<Mat<f32>> {
    let gram = lower_gram(widen(matrix.as_ref()).as_ref());
    let factor = gram.llt(Side::Lower).ok()?;
    let lower = factor.L();
    let size = gram.ncols();
    if !(0..size).all(|k| lower[(k, k)] > INDEPENDENT * gram[(k, k)].sqrt()) {
        return None;
    }
    let lower = Mat::from_fn(size, size, |i, j| lower[(i, j)] as f32);
    let mut basis = matrix.clone();
    let transposed = basis.as_mut().transpose_mut();
    solve_lower_triangular_in_place(lower.as_ref(), transposed, Par::Seq);
    Some(basis)
}

fn product(left: MatRef<'_, f32>, right: MatRef<'_, f32>) -> Mat<f32> {
    let mut result = Mat::zeros(left.nrows(), right.ncols());
    matmul(result.as_mut(), Accum::Replace, left, right, 1.0, Par::Seq);
    result
}

fn widen(matrix: MatRef<'_, f32>) -> Mat<f64> {
    let mut wide = Mat::zeros(matrix.nrows(), matrix.ncols());
    for j in 0..matrix.ncols() {
        let entries = wide.col_as_slice_mut(j).iter_mut();
        for (target, &entry) in entries.zip(matrix.col(j).iter()) {
            *target = f64::from(entry);
        }
    }
    wide
}
