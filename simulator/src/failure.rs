//! A request that is refused, in Stripe's form.

use serde_json::{Value, json};

/// `{"error": {"type", "code", "message", "param"}}` and its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub status: u16,
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub message: String,
    pub param: Option<String>,
    /// Why a bank said no.
    pub decline: Option<&'static str>,
}

impl Failure {
    /// A request that makes no sense.
    pub fn invalid(param: &str, message: impl Into<String>) -> Self {
        let param = (!param.is_empty()).then(|| bracketed(param));
        Self { status: 400, kind: "invalid_request_error", code: None, message: message.into(), param, decline: None }
    }

    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Of another kind than `invalid_request_error`.
    pub fn of(status: u16, kind: &'static str, code: Option<&'static str>, message: impl Into<String>) -> Self {
        Self { status, kind, code, message: message.into(), param: None, decline: None }
    }

    pub fn missing_param(param: &str) -> Self {
        Self::invalid(param, format!("Missing required param: {}.", bracketed(param))).with_code("parameter_missing")
    }

    /// An id that is nobody's.
    pub fn missing(name: &str, id: &str) -> Self {
        let param = if name == "PaymentMethod" { "payment_method" } else { name };
        Self::invalid(param, format!("No such {name}: '{id}'")).with_code("resource_missing").with_status(404)
    }

    /// A card that does not pay.
    pub fn declined(decline: &'static str) -> Self {
        let message = match decline {
            "insufficient_funds" => "Your card has insufficient funds.",
            "incorrect_number" => "Your card number is incorrect.",
            _ => "Your card was declined.",
        };
        let code = if decline == "incorrect_number" { "incorrect_number" } else { "card_declined" };
        Self { decline: Some(decline), ..Self::of(402, "card_error", Some(code), message) }
    }

    pub fn json(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(code) = self.code {
            error["code"] = json!(code);
            error["doc_url"] = json!(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")));
        }
        if let Some(param) = &self.param {
            error["param"] = json!(param);
        }
        if let Some(decline) = self.decline {
            error["decline_code"] = json!(decline);
        }
        json!({ "error": error })
    }
}

/// `recurring.interval` as `recurring[interval]`.
fn bracketed(path: &str) -> String {
    let mut parts = path.split('.');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push('[');
        text.push_str(part);
        text.push(']');
    }
    text
}
