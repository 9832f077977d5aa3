//! Chance that a seed repeats.

use domain::clock::Clock;

/// SplitMix64: small, and the same in every version of everything, so that a seed means tomorrow what it means today.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From zero, and less than `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap();
        usize::try_from(self.bits() % bound).unwrap()
    }

    /// Both ends included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Another one, for somebody who draws at the same time.
    pub fn fork(&mut self) -> Self {
        Self(self.bits())
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// What SHEAF_SEED says, and another one each time where it says nothing.
pub fn seed() -> u64 {
    match std::env::var("SHEAF_SEED") {
        Ok(seed) => seed.parse().expect("SHEAF_SEED is a number"),
        // Short enough to be typed.
        Err(_) => u64::from(u32::from_le_bytes(Clock::system().random())),
    }
}
