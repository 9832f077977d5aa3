//! The few events that are told.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Something that somebody did with the product. Its words are ours: nothing that anybody has written, and no id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductEvent {
    SignedUp,
    DocumentUploaded { format: String },
    ReportMade { documents: i32 },
    PlanChosen { plan: String },
}

impl ProductEvent {
    /// As PostHog lists it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SignedUp => "signed up",
            Self::DocumentUploaded { .. } => "document uploaded",
            Self::ReportMade { .. } => "report made",
            Self::PlanChosen { .. } => "plan chosen",
        }
    }

    /// What there is to say of it.
    pub fn properties(&self) -> Value {
        match self {
            Self::SignedUp => json!({}),
            Self::DocumentUploaded { format } => json!({ "format": format }),
            Self::ReportMade { documents } => json!({ "documents": documents }),
            Self::PlanChosen { plan } => json!({ "plan": plan }),
        }
    }
}
