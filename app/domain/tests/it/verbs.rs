//! Every verb of a member asks first whether their role allows it. Whoever adds one that does not adds it here, with the
//! reason.

use crate::probe::sources;

/// The verbs that ask for no role themselves, and why each may.
const WITHOUT_ROLE: &[(&str, &str)] = &[
    ("accounts/recovery.rs change_password", "it is one's own password"),
    ("accounts/sessions.rs list_sessions", "they are one's own sessions"),
    ("accounts/sessions.rs sign_out", "it is one's own session"),
    ("accounts/sessions.rs sign_out_everywhere", "they are one's own sessions"),
    ("accounts/workspaces.rs make_workspace", "it is one's own new workspace"),
    ("accounts/workspaces.rs switch", "one goes from one's own workspace to one's own workspace"),
    ("documents/listing.rs state_of", "`look_up` asks"),
    ("documents/trash.rs delete", "`open` asks"),
    ("documents/trash.rs restore", "`open` asks"),
    ("documents/trash.rs trash", "`open` asks"),
    ("documents/upload.rs upload", "`upload_with` asks"),
    ("members/accept.rs accept", "who is invited is no member yet"),
    ("members/change.rs leave", "whatever one's role, one may go"),
    ("operators/support.rs consent", "`set_consent` asks"),
    ("operators/support.rs leave", "it ends what support itself began"),
    ("operators/support.rs withdraw_consent", "`set_consent` asks"),
    ("reports/ask.rs download", "`find` asks"),
    ("tenants/change.rs logo", "it stands on every page of every member"),
];

#[test]
fn every_verb_of_a_member_asks_for_their_role_before_it_opens_the_tenant() {
    let mut without_role = Vec::new();
    for (path, text) in sources("app/domain/src") {
        let file = path.strip_prefix("app/domain/src/").unwrap();
        for (name, signature, body) in verbs(&text).filter(|(_, signature, _)| signature.contains("member: &Member")) {
            let doors = ["db.tenant(", "db.read("].into_iter().filter_map(|door| body.find(door));
            let opens = doors.min().unwrap_or(body.len());
            match body.find("member.require(Action::") {
                Some(asks) => assert!(asks < opens, "{file} {name} opens the tenant first: {signature}"),
                None => without_role.push(format!("{file} {name}")),
            }
        }
    }
    without_role.sort();
    assert_eq!(without_role, WITHOUT_ROLE.iter().map(|(verb, _)| *verb).collect::<Vec<_>>());
}

/// The public functions of a file that wait for something: name, signature and body.
fn verbs(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    text.split("pub async fn ").skip(1).filter_map(|rest| {
        let (signature, body) = rest.split_once('{')?;
        let (name, _) = signature.split_once(['(', '<'])?;
        // A verb stands at the margin, and so does the brace that ends it.
        let end = body.find("\n}").unwrap_or(body.len());
        Some((name, signature, &body[..end]))
    })
}
