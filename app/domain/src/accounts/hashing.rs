//! argon2id in a bounded pool of blocking threads.

use std::{sync::Arc, time::Instant};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use tracing::Instrument;

use super::Password;
use crate::{
    clock::Clock,
    error::{Error, Result},
    metrics,
};

/// OWASP's password storage cheat sheet and ASVS 5.0, appendix C: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many are hashed at once.
const MAX_RUNNING: usize = 2;

/// How many may wait for a hash. Beyond it a sign-in is refused at once instead of piling up.
const MAX_WAITING: usize = 200;

/// Hashes and checks passwords, at most two at a time: each takes 19 MiB and a core for some 20 ms.
#[derive(Clone)]
pub struct PasswordHasher {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// What an unknown address is checked against, so that it takes as long as a known one.
    decoy: Arc<str>,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed with parameters that are no longer ours: to be hashed again.
    RightButOld,
}

impl Verdict {
    pub fn is_right(self) -> bool {
        self != Self::Wrong
    }
}

impl PasswordHasher {
    pub fn new(clock: &Clock) -> Result<Self> {
        let decoy = hash(&clock.random::<32>(), &clock.random())?;
        Ok(Self {
            running: Arc::new(Semaphore::new(MAX_RUNNING)),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            decoy: decoy.into(),
        })
    }

    /// The hash to keep, as a PHC string.
    pub async fn hash(&self, clock: &Clock, password: &Password) -> Result<String> {
        let (password, salt) = (password.clone(), clock.random::<16>());
        self.run(move || hash(password.as_bytes(), &salt)).await?
    }

    /// Checks a password against a kept hash, or against a decoy where there is none: that is always wrong, and takes as
    /// long.
    pub async fn check(&self, password: &Password, kept: Option<&str>) -> Result<Verdict> {
        let (password, known) = (password.clone(), kept.is_some());
        let kept = kept.unwrap_or(&self.decoy).to_owned();
        let verdict = self.run(move || check(password.as_bytes(), &kept)).await??;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// A hash that no password has which anybody knows, for an account that nobody may sign in to.
    pub fn nobodys(&self) -> &str {
        &self.decoy
    }

    /// How many wait for their turn.
    pub fn waiting(&self) -> usize {
        // Whoever runs has a place among those that wait as well.
        let running = MAX_RUNNING - self.running.available_permits();
        (MAX_WAITING - self.waiting.available_permits()).saturating_sub(running)
    }

    /// How many are being hashed.
    pub fn running(&self) -> usize {
        MAX_RUNNING - self.running.available_permits()
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let asked = Instant::now();
        let Ok(_waiting) = self.waiting.try_acquire() else {
            metrics::PASSWORDS_REFUSED.add(1, metrics::NO_LABELS);
            return Err(Error::unavailable("too many passwords wait to be hashed"));
        };
        let turn = Arc::clone(&self.running).acquire_owned().instrument(tracing::info_span!("password turn"));
        let running = turn.await.map_err(Error::internal)?;
        // Nobody can stop it, so it has its place to its own end, also where whoever asked goes away.
        let work = move || {
            let _running = running;
            work()
        };
        let done = tokio::task::spawn_blocking(work).instrument(tracing::info_span!("password hash"));
        let done = done.await.map_err(Error::internal);
        metrics::PASSWORD_SECONDS.took(asked.elapsed(), metrics::NO_LABELS);
        done
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8], salt: &[u8; 16]) -> Result<String> {
    let hash: PasswordHash = argon2()?.hash_password_with_salt(password, salt).map_err(Error::internal)?;
    Ok(hash.to_string())
}

fn check(password: &[u8], kept: &str) -> Result<Verdict> {
    let kept = PasswordHash::new(kept).map_err(Error::internal)?;
    if argon2()?.verify_password(password, &kept).is_err() {
        return Ok(Verdict::Wrong);
    }
    let current = Params::try_from(&kept)
        .is_ok_and(|params| params.m_cost() == MEMORY_KIB && params.t_cost() == PASSES && params.p_cost() == LANES);
    Ok(if current && kept.algorithm.as_str() == "argon2id" { Verdict::Right } else { Verdict::RightButOld })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn a_hash_that_nobody_waits_for_any_more_keeps_its_place() {
        let clock = Clock::system();
        let (hasher, password) = (PasswordHasher::new(&clock).unwrap(), Password::given("correct horse battery"));
        let mut hashing = Box::pin(hasher.hash(&clock, &password));
        assert!(hashing.as_mut().now_or_never().is_none(), "it has begun");
        drop(hashing);
        assert_eq!(hasher.running(), 1, "a third would be hashed beside two others");
        while hasher.running() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
}
