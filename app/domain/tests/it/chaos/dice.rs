//! Chance that a seed repeats.

use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), which is the same in every version of
/// every library.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Others, which throw what they throw whatever becomes of these.
    pub fn others(&mut self) -> Self {
        Self(self.next())
    }

    /// From zero, and less than `sides`.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.next() % sides
    }

    pub fn milliseconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// A number that the environment gives, as the seed that is to be repeated; none where it gives none.
pub fn number(setting: &str) -> Option<u64> {
    let text = std::env::var(setting).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{setting} is a number, and not {text:?}")))
}
