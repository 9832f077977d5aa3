//! What Stripe is sent: pairs of a name and a value, where a name may be a path with brackets.

use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;

/// A form, in the order in which it was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more pair, as in `.with("items[0][price]", "price_1")`.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.set(name, value);
        self
    }

    pub fn set(&mut self, name: impl Into<String>, value: impl ToString) {
        self.pairs.push((name.into(), value.to_string()));
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// As `application/x-www-form-urlencoded`.
    pub fn to_text(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.pairs).finish()
    }

    /// Sixteen digits that differ where the form does: Stripe refuses a key that comes back with another form.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.to_text().as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn a_form_is_encoded_with_its_brackets_and_keeps_its_order() {
        let form = Form::new().with("items[0][price]", "price_1").with("items[0][quantity]", 1).with("name", "A & B=C");
        assert_eq!(form.to_text(), "items%5B0%5D%5Bprice%5D=price_1&items%5B0%5D%5Bquantity%5D=1&name=A+%26+B%3DC");
    }

    #[test]
    fn another_form_has_another_fingerprint() {
        let [one, same] = ["team", "team"].map(|plan| Form::new().with("plan", plan));
        let other = Form::new().with("plan", "business");
        assert_eq!(one.fingerprint(), same.fingerprint());
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.fingerprint().len(), 16);
    }
}
