//! From a parsed query to the text of a tsquery. Terms are letters and digits only, so that quoting them is enough.

use super::Node;

/// As `to_tsquery` reads it.
pub(super) fn to_text(node: &Node) -> String {
    match node {
        Node::Phrase(terms) => {
            let quoted: Vec<_> = terms.iter().map(|term| format!("'{term}'")).collect();
            format!("({})", quoted.join(" <-> "))
        }
        Node::Prefix(term) => format!("'{term}':*"),
        Node::Not(node) => format!("!({})", to_text(node)),
        Node::And(nodes) => join(nodes, " & "),
        Node::Or(nodes) => join(nodes, " | "),
    }
}

/// The terms that are to be marked: whole ones and beginnings, without those that must not occur.
pub(super) fn marked(node: &Node) -> (Vec<String>, Vec<String>) {
    let (mut whole, mut beginnings) = (Vec::new(), Vec::new());
    collect(node, &mut whole, &mut beginnings);
    (whole, beginnings)
}

fn join(nodes: &[Node], with: &str) -> String {
    let texts: Vec<_> = nodes.iter().map(to_text).collect();
    format!("({})", texts.join(with))
}

fn collect(node: &Node, whole: &mut Vec<String>, beginnings: &mut Vec<String>) {
    match node {
        Node::Phrase(terms) => whole.extend(terms.iter().cloned()),
        Node::Prefix(term) => beginnings.push(term.clone()),
        Node::Not(_) => {}
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| collect(node, whole, beginnings)),
    }
}
