//! Access tokens (signed, five minutes, checked without the database) and refresh tokens (opaque, rotating).

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::sealing::{Following, SealingKeys};
use crate::{
    actor::{Member, Role},
    billing::Standing,
    error::{Error, Result},
    id::{AccountId, SessionId, TenantId},
};

/// How long an access token is good for.
pub const ACCESS_TTL: TimeDelta = TimeDelta::minutes(5);

/// How long a session lives without being used.
pub const REFRESH_TTL: TimeDelta = TimeDelta::days(30);

const ISSUER: &str = "sheaf";
const AUDIENCE: &str = "sheaf-web";

/// RFC 9068, section 2.1: the type that keeps an access token from being taken for another kind of token.
const TOKEN_TYPE: &str = "at+jwt";

/// No access token of ours is longer; anything longer is refused before it is parsed.
const MAX_TOKEN_BYTES: usize = 2_048;

/// The keys that sign and check access tokens. The first signs; the others are still accepted, for rotation.
pub struct TokenKeys {
    signing_id: String,
    signing: EncodingKey,
    /// Of all of them, in their order.
    ids: Vec<String>,
    checking: HashMap<String, DecodingKey>,
    sealing: SealingKeys,
    following: Following,
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    pub iss: String,
    pub aud: String,
    /// The account.
    pub sub: AccountId,
    /// The tenant.
    pub tid: TenantId,
    /// The session.
    pub sid: SessionId,
    /// The account's session version when it was signed.
    pub sv: i32,
    pub role: Role,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
}

impl AccessClaims {
    /// The member that the token's bearer was when it was signed. A token says nothing of bills.
    pub fn member(&self) -> Member {
        Member {
            tenant: self.tid,
            account: self.sub,
            session: self.sid,
            role: self.role,
            from: None,
            support: None,
            through: None,
            standing: Standing::Good,
        }
    }

    /// Whether the token is good at `now`, without any leeway.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.nbf <= now.timestamp() && now.timestamp() < self.exp
    }
}

impl TokenKeys {
    /// From Ed25519 private keys in PKCS #8 DER with their public key (RFC 8410 and RFC 5958), newest first.
    pub fn new(keys: &[Vec<u8>]) -> Result<Self> {
        let (mut checking, mut ids) = (HashMap::new(), Vec::new());
        let mut signing = None;
        for der in keys {
            let public = public_key(der)?;
            let id = URL_SAFE_NO_PAD.encode(&Sha256::digest(&public)[..9]);
            signing.get_or_insert_with(|| (id.clone(), EncodingKey::from_ed_der(der)));
            if checking.insert(id.clone(), DecodingKey::from_ed_der(&public)).is_some() {
                return Err(Error::internal(format!("the token key {id} is given twice")));
            }
            ids.push(id);
        }
        let (signing_id, signing) = signing.ok_or_else(|| Error::internal("no key to sign tokens with"))?;
        let (sealing, following) = (SealingKeys::derived(keys)?, Following::derived(&keys[0]));
        Ok(Self { signing_id, signing, ids, checking, sealing, following })
    }

    /// A new private key, as [`new`](Self::new) takes it.
    pub fn generate() -> Result<Vec<u8>> {
        let rng = aws_lc_rs::rand::SystemRandom::new();
        let der = aws_lc_rs::signature::Ed25519KeyPair::generate_pkcs8(&rng).map_err(Error::internal)?;
        Ok(der.as_ref().to_vec())
    }

    /// Encrypts a secret that the database keeps and is not to know. It is opened again for the same purpose alone.
    pub fn seal(&self, secret: &str, purpose: &str) -> Result<Vec<u8>> {
        self.sealing.seal(secret, purpose)
    }

    /// What was sealed with one of these keys; none for anything else.
    pub fn open(&self, sealed: &[u8], purpose: &str) -> Option<String> {
        self.sealing.open(sealed, purpose).map(|(_, secret)| secret)
    }

    /// The keys by their ids, as tokens name them in their headers, in the order in which they were given: the first signs and
    /// seals.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The id of the key that this was sealed with; none where it is not among these.
    pub fn sealed_with(&self, sealed: &[u8], purpose: &str) -> Option<&str> {
        let (place, _) = self.sealing.open(sealed, purpose)?;
        self.ids.get(place).map(String::as_str)
    }

    /// The refresh token that follows this one: the same each time, so whoever did not get it may be given it again.
    pub(super) fn following(&self, token: &RefreshToken) -> Result<RefreshToken> {
        let secret = self.following.secret(token.session.0.as_bytes(), &token.secret)?;
        Ok(RefreshToken::new(token.session, secret))
    }

    /// Signs an access token for a member, good for [`ACCESS_TTL`] from `now`.
    pub fn sign(&self, member: &Member, session_version: i32, now: DateTime<Utc>) -> Result<String> {
        let claims = AccessClaims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: member.account,
            tid: member.tenant,
            sid: member.session,
            sv: session_version,
            role: member.role,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + ACCESS_TTL).timestamp(),
        };
        let header = Header {
            typ: Some(TOKEN_TYPE.into()),
            kid: Some(self.signing_id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Error::internal)
    }

    /// The claims of a token that we signed and that is good at `now`; none for any other.
    pub fn check(&self, token: &str, now: DateTime<Utc>) -> Option<AccessClaims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TOKEN_TYPE) {
            return None;
        }
        let key = self.checking.get(header.kid.as_deref()?)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        // The times are compared with the injected clock, without the library's minute of leeway.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, key, &validation).ok()?.claims;
        claims.is_good(now).then_some(claims)
    }
}

/// A refresh token: the session it belongs to and a secret of 256 bits, of which only the hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RefreshToken {
    pub session: SessionId,
    secret: [u8; 32],
}

impl RefreshToken {
    pub fn new(session: SessionId, secret: [u8; 32]) -> Self {
        Self { session, secret }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (session, secret) = text.split_once('.')?;
        let session = session.parse::<Uuid>().ok()?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { session: SessionId(session), secret })
    }

    pub fn to_text(&self) -> String {
        format!("{}.{}", self.session.0.simple(), URL_SAFE_NO_PAD.encode(self.secret))
    }

    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }
}

fn public_key(der: &[u8]) -> Result<Vec<u8>> {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|error| Error::internal(format!("token key: {error}")))?;
    Ok(pair.public_key().as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    fn ada() -> Member {
        let id = Uuid::from_u128(7);
        Member {
            tenant: TenantId(id),
            account: AccountId(id),
            session: SessionId(id),
            role: Role::Owner,
            from: None,
            support: None,
            through: None,
            standing: Standing::Good,
        }
    }

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap()
    }

    #[test]
    fn a_token_is_good_for_five_minutes_and_for_its_keys() {
        let keys = TokenKeys::new(&[TokenKeys::generate().unwrap()]).unwrap();
        let token = keys.sign(&ada(), 3, noon()).unwrap();
        assert_eq!(keys.check(&token, noon()).unwrap().member(), ada());
        assert!(keys.check(&token, noon() + TimeDelta::seconds(299)).is_some());
        assert!(keys.check(&token, noon() + TimeDelta::seconds(300)).is_none(), "expired");
        assert!(keys.check(&token, noon() - TimeDelta::seconds(1)).is_none(), "not yet good");
        let others = TokenKeys::new(&[TokenKeys::generate().unwrap()]).unwrap();
        assert!(others.check(&token, noon()).is_none(), "signed by somebody else");
    }

    #[test]
    fn a_rotated_key_still_checks() {
        let (old, new) = (TokenKeys::generate().unwrap(), TokenKeys::generate().unwrap());
        let token = TokenKeys::new(std::slice::from_ref(&old)).unwrap().sign(&ada(), 0, noon()).unwrap();
        assert!(TokenKeys::new(&[new, old]).unwrap().check(&token, noon()).is_some());
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_for_its_keys() {
        let (old, new) = (TokenKeys::generate().unwrap(), TokenKeys::generate().unwrap());
        let keys = TokenKeys::new(std::slice::from_ref(&old)).unwrap();
        let sealed = keys.seal("the plan", "tests").unwrap();
        assert!(!sealed.windows(8).any(|window| window == b"the plan"));
        assert_eq!(keys.open(&sealed, "tests").as_deref(), Some("the plan"));
        assert_eq!(keys.open(&sealed, "other tests"), None);
        assert_eq!(keys.open(&sealed[1..], "tests"), None);
        assert_eq!(keys.open(b"", "tests"), None);
        let rotated = TokenKeys::new(&[new.clone(), old]).unwrap();
        assert_eq!(rotated.open(&sealed, "tests").as_deref(), Some("the plan"));
        assert_eq!(TokenKeys::new(&[new]).unwrap().open(&sealed, "tests"), None);
    }

    #[test]
    fn forged_headers_are_refused() {
        let keys = TokenKeys::new(&[TokenKeys::generate().unwrap()]).unwrap();
        let token = keys.sign(&ada(), 0, noon()).unwrap();
        let payload = token.split('.').nth(1).unwrap();
        for header in [
            r#"{"alg":"none","typ":"at+jwt"}"#.to_owned(),
            format!(r#"{{"alg":"HS256","typ":"at+jwt","kid":"{}"}}"#, keys.signing_id),
            format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"{}"}}"#, keys.signing_id),
            r#"{"alg":"EdDSA","typ":"at+jwt","kid":"../../etc/passwd"}"#.to_owned(),
        ] {
            let forged = format!("{}.{payload}.{}", URL_SAFE_NO_PAD.encode(&header), token.split('.').nth(2).unwrap());
            assert!(keys.check(&forged, noon()).is_none(), "{header}");
        }
        assert!(keys.check(&"a".repeat(1_000_000), noon()).is_none());
        assert!(keys.check("", noon()).is_none());
    }

    #[test]
    fn what_follows_a_refresh_token_is_the_same_each_time_and_another_by_another_key() {
        let [ours, others] = [(), ()].map(|()| TokenKeys::new(&[TokenKeys::generate().unwrap()]).unwrap());
        let token = |session| RefreshToken::new(SessionId(Uuid::from_u128(session)), [1; 32]);
        let next = ours.following(&token(7)).unwrap();
        assert!(next == ours.following(&token(7)).unwrap() && next != token(7));
        assert!(next != others.following(&token(7)).unwrap(), "nobody without the key can tell");
        assert!(next.secret != ours.following(&token(8)).unwrap().secret, "nor from another session");
    }

    #[test]
    fn a_refresh_token_reads_back() {
        let token = RefreshToken::new(SessionId(Uuid::from_u128(9)), [5; 32]);
        assert!(RefreshToken::parse(&token.to_text()) == Some(token));
        for text in ["", ".", "abc", "00000000000000000000000000000009.AAAA"] {
            assert!(RefreshToken::parse(text).is_none());
        }
    }
}
