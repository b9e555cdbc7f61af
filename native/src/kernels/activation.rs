//! Activation functions and their slopes, as vectors of numbers.

use super::lanes::{Lanes, power_of_two, tanh};
use std::f32::consts::LOG2_E;

/// What a feed-forward part bends its numbers by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// x sigmoid(alpha x)
    Silu { alpha: f32 },
    /// x Phi(x), Phi the normal distribution
    Gelu,
    /// The same with Phi by tanh
    GeluTanh,
}

/// A function as vectors; a type for each, so that a loop is compiled for it.
pub trait Bend: Copy + Sync {
    unsafe fn value_and_slope<L: Lanes>(self, x: L::Vector) -> (L::Vector, L::Vector);
}

#[derive(Clone, Copy)]
pub struct Silu(pub f32);
#[derive(Clone, Copy)]
pub struct Gelu;
#[derive(Clone, Copy)]
pub struct GeluTanh;

impl Bend for Silu {
    /// With s = sigmoid(alpha x): x s, and s + alpha x s (1 - s).
    #[inline(always)]
    unsafe fn value_and_slope<L: Lanes>(self, x: L::Vector) -> (L::Vector, L::Vector) {
        unsafe {
            let scaled = L::mul(x, L::splat(self.0));
            let s = sigmoid::<L>(scaled);
            let rest = L::sub(L::splat(1.0), s);
            (L::mul(x, s), L::fused(L::mul(scaled, s), rest, s))
        }
    }
}

impl Bend for Gelu {
    /// x Phi(x), and Phi(x) + x phi(x).
    #[inline(always)]
    unsafe fn value_and_slope<L: Lanes>(self, x: L::Vector) -> (L::Vector, L::Vector) {
        unsafe {
            let square = L::mul(x, x);
            let bell = power_of_two::<L>(L::mul(square, L::splat(-0.5 * LOG2_E)));
            let phi = L::mul(bell, L::splat(0.398_942_3));
            let beyond = L::mul(bell, scaled_tail::<L>(x));
            let distribution =
                L::select_less(x, L::splat(0.0), beyond, L::sub(L::splat(1.0), beyond));
            (L::mul(x, distribution), L::fused(x, phi, distribution))
        }
    }
}

impl Bend for GeluTanh {
    /// With t = tanh(k (x + c x^3)): x (1 + t) / 2, and (1 + t) / 2 + x (1 - t^2) k (1 + 3 c x^2) / 2.
    #[inline(always)]
    unsafe fn value_and_slope<L: Lanes>(self, x: L::Vector) -> (L::Vector, L::Vector) {
        const K: f32 = 0.797_884_6;
        const C: f32 = 0.044_715;
        unsafe {
            let one = L::splat(1.0);
            let square = L::mul(x, x);
            let cubic = L::fused(square, L::splat(C), one);
            let t = tanh::<L>(L::mul(L::mul(x, L::splat(K)), cubic));
            let half = L::mul(L::add(one, t), L::splat(0.5));
            let inner = L::mul(L::fused(square, L::splat(3.0 * C), one), L::splat(K / 2.0));
            let bent = L::mul(x, L::sub(one, L::mul(t, t)));
            (L::mul(x, half), L::fused(bent, inner, half))
        }
    }
}

/// 1 / (1 + e^-x), written with what cannot overflow.
#[inline(always)]
unsafe fn sigmoid<L: Lanes>(x: L::Vector) -> L::Vector {
    unsafe {
        let zero = L::splat(0.0);
        let size = L::max(x, L::sub(zero, x));
        let small = power_of_two::<L>(L::mul(size, L::splat(-LOG2_E)));
        let one = L::splat(1.0);
        let numerator = L::select_less(x, zero, small, one);
        L::div(numerator, L::add(one, small))
    }
}

/// e^(x^2 / 2) (1 - Phi(|x|)): a polynomial in t = 1 / (1 + 0.4 |x| / sqrt 2), fitted to a relative error of 1e-7.
#[inline(always)]
unsafe fn scaled_tail<L: Lanes>(x: L::Vector) -> L::Vector {
    unsafe {
        let size = L::max(x, L::sub(L::splat(0.0), x));
        let one = L::splat(1.0);
        let t = L::div(one, L::fused(size, L::splat(0.282_842_7), one));
        let mut sum = L::splat(TAIL[0]);
        for &coefficient in &TAIL[1..] {
            sum = L::fused(sum, t, L::splat(coefficient));
        }
        L::mul(sum, t)
    }
}

const TAIL: [f32; 9] = [
    0.018_941_57,
    -0.062_204,
    0.026_096_73,
    0.061_484_48,
    0.028_303_75,
    0.101_389_36,
    0.099_807_93,
    0.113_371_3,
    0.112_808_89,
];
