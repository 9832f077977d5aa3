//! A mail as features write it, and as the mailbox page shows it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::MailId;

/// What a mail says; its text and its HTML are both made from this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub recipient: String,
    pub subject: String,
    /// "Hello Ada,"
    pub greeting: String,
    pub paragraphs: Vec<String>,
    /// The label and the address of the one thing to do.
    pub action: Option<(String, String)>,
}

/// A mail that is kept, with its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMail {
    pub id: MailId,
    pub recipient: String,
    pub subject: String,
    pub text_body: String,
    pub html_body: String,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
}

/// A mail that failed at least once and was not sent since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndeliveredMail {
    pub id: MailId,
    pub recipient: String,
    pub subject: String,
    pub created_at: DateTime<Utc>,
    /// What the last attempt ran into.
    pub reason: String,
    /// Whether Sheaf has stopped trying.
    pub given_up: bool,
}

impl Message {
    /// The plain text, wrapped by the reader.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n\n", self.greeting);
        for paragraph in &self.paragraphs {
            text.push_str(paragraph);
            text.push_str("\n\n");
        }
        if let Some((label, address)) = &self.action {
            text.push_str(&format!("{label}:\n{address}\n\n"));
        }
        text.push_str("Sheaf\n");
        text
    }

    /// A complete HTML document in tables and inline styles, which is what mail programs show alike. Everything that came
    /// from somebody is escaped.
    pub fn to_html(&self) -> String {
        let mut body = format!("<p>{}</p>", escape(&self.greeting));
        for paragraph in &self.paragraphs {
            body.push_str(&format!("<p>{}</p>", escape(paragraph)));
        }
        if let Some((label, address)) = &self.action {
            let (label, address) = (escape(label), escape(address));
            body.push_str(&format!(
                "<p style=\"margin:28px 0\"><a href=\"{address}\" style=\"background:#0f5d62;color:#ffffff;padding:12px \
                 20px;border-radius:6px;text-decoration:none;font-weight:600\">{label}</a></p>\
                 <p style=\"color:#5b6468;font-size:13px\">Or copy this address into your browser:<br>{address}</p>"
            ));
        }
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"margin:0;background:#f6f5f2\"><table role=\"presentation\" width=\"100%\" \
             cellpadding=\"0\" cellspacing=\"0\"><tr><td align=\"center\" style=\"padding:32px 16px\"><table \
             role=\"presentation\" width=\"100%\" style=\"max-width:560px;background:#ffffff;border-radius:10px\" \
             cellpadding=\"0\" cellspacing=\"0\"><tr><td style=\"padding:32px;font:16px/1.6 system-ui,sans-serif;\
             color:#1d2527\"><div style=\"font-weight:700;color:#0f5d62;margin-bottom:24px\">Sheaf</div>{body}</td></tr>\
             </table></td></tr></table></body></html>",
            escape(&self.subject)
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn what_people_wrote_is_escaped() {
        let message = Message {
            recipient: "ada@example.com".into(),
            subject: "<b>".into(),
            greeting: "Hello <script>alert(1)</script>,".into(),
            paragraphs: vec!["\"quoted\" & 'more'".into()],
            action: Some(("Go".into(), "https://sheaf.example/?a=1&b=\"".into())),
        };
        let html = message.to_html();
        assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"));
        assert!(html.contains("&quot;quoted&quot; &amp; &#39;more&#39;"));
        assert!(html.contains("<title>&lt;b&gt;</title>"));
        assert!(message.to_text().contains("Hello <script>"), "the text is as it was written");
    }
}
