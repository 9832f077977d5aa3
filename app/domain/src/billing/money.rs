//! Money: whole cents of one currency. Nothing is ever counted in floating point.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a workspace pays in. It is chosen with the first subscription and stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "text", rename_all = "lowercase"))]
#[serde(rename_all = "lowercase")]
pub enum Currency {
    #[default]
    Eur,
    Usd,
    Gbp,
}

impl Currency {
    pub const ALL: [Self; 3] = [Self::Eur, Self::Usd, Self::Gbp];

    /// The code of ISO 4217 in small letters, as Stripe writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eur => "eur",
            Self::Usd => "usd",
            Self::Gbp => "gbp",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.as_str() == text)
    }

    /// What stands before an amount.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Eur => "€",
            Self::Usd => "$",
            Self::Gbp => "£",
        }
    }
}

/// An amount in cents. Below zero it is owed to the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub cents: i64,
    pub currency: Currency,
}

impl Money {
    pub const fn new(cents: i64, currency: Currency) -> Self {
        Self { cents, currency }
    }
}

impl fmt::Display for Money {
    /// As in `€1,234.50` and `−€0.05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, cents) = (self.cents.unsigned_abs() / 100, self.cents.unsigned_abs() % 100);
        let minus = if self.cents < 0 { "−" } else { "" };
        write!(f, "{minus}{}{}.{cents:02}", self.currency.sign(), grouped(whole))
    }
}

/// A number with a comma after each three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_people_write_it() {
        let euros = |cents| Money::new(cents, Currency::Eur).to_string();
        assert_eq!(euros(0), "€0.00");
        assert_eq!(euros(123_450), "€1,234.50");
        assert_eq!(euros(-5), "−€0.05");
        assert_eq!(Money::new(100_000_000, Currency::Usd).to_string(), "$1,000,000.00");
    }

    #[test]
    fn a_currency_is_read_from_its_word_alone() {
        for currency in Currency::ALL {
            assert_eq!(Currency::parse(currency.as_str()), Some(currency));
        }
        assert_eq!(Currency::parse("EUR"), None);
    }
}
