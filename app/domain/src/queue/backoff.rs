//! How long to wait before another attempt.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The longest pause after this attempt, from 1: one second, doubled each time, at most ten minutes.
pub(super) fn exponential(attempt: i32) -> Duration {
    let doublings = attempt.saturating_sub(1).clamp(0, 20);
    FIRST.saturating_mul(1 << doublings).min(LONGEST)
}

/// A random part of the pause, even over all of it ("full jitter"), from eight random bytes.
pub(super) fn jitter(longest: Duration, random: [u8; 8]) -> Duration {
    // 53 bits are what an f64 holds exactly, so the part is always below one.
    let part = (u64::from_le_bytes(random) >> 11) as f64 / (1_u64 << 53) as f64;
    longest.mul_f64(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_up_to_ten_minutes() {
        let seconds: Vec<u64> = [1, 2, 3, 10, 11, i32::MAX].map(|attempt| exponential(attempt).as_secs()).to_vec();
        assert_eq!(seconds, [1, 2, 4, 512, 600, 600]);
        assert_eq!(exponential(0), exponential(1));
    }

    #[test]
    fn jitter_stays_within_the_pause() {
        let minute = Duration::from_secs(60);
        assert_eq!(jitter(minute, [0; 8]), Duration::ZERO);
        assert_eq!(jitter(minute, (1_u64 << 63).to_le_bytes()), Duration::from_secs(30));
        assert!(jitter(minute, [255; 8]) <= minute);
    }
}
