//! Elementary functions that give the same bits on every platform.
//!
//! The standard library's `exp` and `ln` come from the platform's own maths
//! library, so that a browser and the server could disagree in the last bit.
//! These use only IEEE-exact operations (+, −, ×, ÷) in a fixed order.

/// e^x for the softmax. Relative error below 1e-6; 0 below about −87.
///
/// # Source
/// Range reduction by ln 2 in two parts and a degree-6 Taylor polynomial on
/// |r| ≤ ln 2 / 2.
#[inline]
pub fn exp_f32(x: f32) -> f32 {
    // No branches and no conversion, so that compilers do four at once.
    let limited = if x < 88.0 { x } else { 88.0 };
    // Adding and taking away 1.5·2²³ rounds to the nearest integer, and leaves
    // it in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let rounded = limited * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (limited - n * 0.693_359_4) - n * -2.121_944_4e-4;
    let p = 1.0
        + r * (1.0
            + r * (0.5
                + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0))))));
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127);
    let power = f32::from_bits(exponent << 23);
    if x < -87.0 { 0.0 } else { p * power }
}

/// 1/14!, 1/13!, …, 1/0!
const INVERSE_FACTORIALS: [f64; 15] = {
    let mut values = [1.0; 15];
    let mut i = 1;
    while i < 15 {
        values[14 - i] = values[15 - i] / i as f64;
        i += 1;
    }
    values
};

/// 1/23, 1/21, …, 1/1
const INVERSE_ODDS: [f64; 12] = {
    let mut values = [0.0; 12];
    let mut i = 0;
    while i < 12 {
        values[i] = 1.0 / (23 - 2 * i) as f64;
        i += 1;
    }
    values
};

/// 2^x. Relative error below 1e-15; 0 below −1000.
pub fn exp2(x: f64) -> f64 {
    if x < -1000.0 {
        return 0.0;
    }
    let x = x.min(1000.0);
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5·2⁵²
    let n = (x + ROUND) - ROUND;
    let r = (x - n) * std::f64::consts::LN_2;
    let p = INVERSE_FACTORIALS.iter().fold(0.0, |p, c| p * r + c);
    p * f64::from_bits(((n as i64 + 1023) as u64) << 52)
}

/// e^x, by [`exp2`].
pub fn exp(x: f64) -> f64 {
    exp2(x * std::f64::consts::LOG2_E)
}

/// Natural logarithm of a positive, normal number. Relative error below 1e-14.
///
/// # Source
/// x = m·2^e with m in [√½, √2), ln m = 2·artanh((m−1)/(m+1)) by its series.
pub fn ln(x: f64) -> f64 {
    debug_assert!(x >= f64::MIN_POSITIVE && x.is_finite());
    let bits = x.to_bits();
    let mut e = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if m >= std::f64::consts::SQRT_2 {
        m *= 0.5;
        e += 1;
    }
    let s = (m - 1.0) / (m + 1.0);
    let s2 = s * s;
    let sum = INVERSE_ODDS.iter().fold(0.0, |sum, c| sum * s2 + c);
    2.0 * s * sum + e as f64 * std::f64::consts::LN_2
}

/// ln(1 + x) for x ≥ 0.
pub fn ln_1p(x: f64) -> f64 {
    ln(1.0 + x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_agree_with_the_standard_library() {
        for i in -8_600..=8_700 {
            let x = i as f32 * 0.01;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp_f32(x)) - expected).abs() / expected;
            assert!(error < 1e-6, "exp_f32({x}): {error}");
        }
        assert_eq!(exp_f32(0.0), 1.0);
        assert_eq!(exp_f32(-1e9), 0.0);
        assert_eq!(exp_f32(f32::NEG_INFINITY), 0.0);
        for i in -9_000..=9_000 {
            let x = f64::from(i) * 0.1;
            let error = (exp2(x) / x.exp2() - 1.0).abs();
            assert!(error < 1e-14, "exp2({x}): {error}");
        }
        assert_eq!(exp2(-1e12), 0.0);
        for i in 1..20_000 {
            let x = f64::from(i) * 0.037;
            let error = (ln(x) - x.ln()).abs();
            assert!(error < 1e-14 * (1.0 + x.ln().abs()), "ln({x}): {error}");
        }
        assert_eq!(ln_1p(0.0), 0.0);
    }
}
