//! Test clocks. There is one time here for everybody: a test clock moves all of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::table::Row;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TestClock {
    pub id: String,
    pub name: Option<String>,
    pub created: i64,
}

impl Row for TestClock {
    const PREFIX: &'static str = "clock_";
    const NAME: &'static str = "test clock";

    fn id(&self) -> &str {
        &self.id
    }
}

impl TestClock {
    pub fn json(&self, now: i64) -> Value {
        json!({
            "id": self.id,
            "object": "test_helpers.test_clock",
            "created": self.created,
            "deletes_after": self.created + 30 * 86_400,
            "frozen_time": now,
            "livemode": false,
            "name": self.name,
            "status": "ready",
            "status_details": {},
        })
    }
}
