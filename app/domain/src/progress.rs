//! How far work is, as it says itself.

use serde::{Deserialize, Serialize};

/// What a running job tells of itself, and the form in which it is kept: `{ "stage": "pages", "done": 3, "of": 12 }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it does now, or what it counts, in a word or two for people: "pages".
    #[serde(default)]
    pub stage: String,
    pub done: u64,
    /// None while nobody knows.
    #[serde(default)]
    pub of: Option<u64>,
}

impl Progress {
    /// From 0 to 1; none while it is not known.
    pub fn share(&self) -> Option<f64> {
        self.of.filter(|of| *of > 0).map(|of| (self.done as f64 / of as f64).min(1.0))
    }

    /// "pages: 12 of 40".
    pub fn text(&self) -> String {
        let count = match self.of {
            Some(of) => format!("{} of {of}", self.done),
            None if self.done > 0 => self.done.to_string(),
            None => String::new(),
        };
        let parts = [self.stage.as_str(), &count].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_it_knows() {
        let progress = |stage: &str, done, of| Progress { stage: stage.into(), done, of };
        assert_eq!(progress("pages", 12, Some(40)).text(), "pages: 12 of 40");
        assert_eq!(progress("pages", 12, None).text(), "pages: 12");
        assert_eq!(progress("typesetting", 0, None).text(), "typesetting");
        assert_eq!(progress("", 0, Some(4)).text(), "0 of 4");
        assert_eq!(progress("pages", 1, Some(4)).share(), Some(0.25));
        assert_eq!(progress("pages", 1, Some(0)).share(), None);
        assert_eq!(progress("pages", 9, Some(4)).share(), Some(1.0));
    }

    #[test]
    fn what_is_not_counted_may_be_left_out() {
        let text = serde_json::json!({ "stage": "pages", "done": 3 }).to_string();
        assert_eq!(
            serde_json::from_str::<Progress>(&text).expect("of is optional"),
            Progress { stage: "pages".into(), done: 3, of: None }
        );
    }
}
