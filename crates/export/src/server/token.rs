//! The bearer token.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use subtle::ConstantTimeEq;

/// A secret that requests must carry: `Authorization: Bearer SECRET`.
pub struct Token(String);

impl Token {
    /// That secret; `None` where it is empty, which is to have none.
    pub fn new(secret: String) -> Option<Token> {
        (!secret.is_empty()).then_some(Token(secret))
    }

    /// Whether the request carries it, once. Takes the same time wherever a wrong guess of the
    /// right length first differs.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else { return false };
        let (scheme, guess) = match value.as_bytes().iter().position(|byte| *byte == b' ') {
            Some(space) => value.as_bytes().split_at(space),
            None => return false,
        };
        scheme.eq_ignore_ascii_case(b"bearer") && guess.trim_ascii().ct_eq(self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Token")
    }
}
