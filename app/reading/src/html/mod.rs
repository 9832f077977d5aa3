//! HTML to the text a person sees.
//!
//! Only the tokenizer of html5ever is used, no tree: the text comes out the same but for the rarest of broken markup,
//! any nesting is read in linear time, and nothing is kept but the text.

mod meta;
mod tags;
mod visible;

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer, TokenizerOpts};

use crate::prose::Prose;
use crate::stop::Stop;

/// Bytes given to the tokenizer at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Reads an HTML file. Scripts, styles, templates and what stands in for scripts are left out.
pub fn read(bytes: &[u8]) -> Result<Prose, Stop> {
    let text = crate::decode::text(bytes, meta::declared_encoding(bytes).as_deref());
    let tokenizer = Tokenizer::new(visible::Visible::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    for chunk in chunks(&text) {
        input.push_back(StrTendril::from_slice(chunk));
        while let TokenizerResult::Script(()) = tokenizer.feed(&input) {}
    }
    tokenizer.end();
    Ok(tokenizer.sink.finish())
}

/// `text` in pieces of about [`CHUNK_BYTES`].
fn chunks(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (chunk, rest) = text.split_at(text.floor_char_boundary(CHUNK_BYTES));
        text = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::tests_support::pages;

    #[test]
    fn only_what_is_visible_is_read() {
        let source = b"<!doctype html><html><head><title>Big &amp; small</title><meta name=author content='Ada'>\
            <meta property='article:published_time' content='2026-01-31T10:00:00Z'>\
            <style>p { color: red }</style><script>var p = '<p>not this</p>';</script></head>\
            <body><template>hidden</template><noscript>neither</noscript><div hidden>nor <div>this</div> one</div>\
            <h1>News</h1><p>Hello   <b>Ada</b>,<br>how are you?</p><!-- no -->\
            <ul><li>one<li>two</ul><table><tr><td>a</td><td>b</td></tr><tr><td>1<td>2</table>\
            <pre>  kept\n   as is</pre></body></html>";
        let prose = read(source).expect("it is HTML");
        assert_eq!(prose.facts.title.as_deref(), Some("Big & small"));
        assert_eq!(prose.facts.author.as_deref(), Some("Ada"));
        assert_eq!(prose.facts.created_at.map(|date| date.timestamp()), Some(1_769_853_600));
        assert_eq!(
            pages(prose),
            ["News\n\nHello Ada,\nhow are you?\n\n- one\n- two\n\na\tb\n1\t2\n\n  kept\n   as is"]
        );
    }

    #[test]
    fn headings_make_the_outline() {
        let prose = read(b"<h1>One</h1><p>text<h2>Two <i>too</i></h2>text<h4>no</h4>").expect("it is HTML");
        let outline: Vec<_> = prose.facts.outline.iter().map(|entry| (entry.title.as_str(), entry.level)).collect();
        assert_eq!(outline, [("One", 0), ("Two too", 1)]);
        assert_eq!(prose.facts.title.as_deref(), Some("One"));
    }

    #[test]
    fn a_declared_encoding_counts() {
        let prose = read(b"<meta charset=\"iso-8859-2\"><p>\xb1").expect("it is HTML");
        assert_eq!(pages(prose), ["\u{105}"]);
    }

    #[test]
    fn a_million_nested_elements_end_and_keep_their_text() {
        let source = format!("{}deep{}", "<div>".repeat(1_000_000), "</div>".repeat(1_000_000));
        assert_eq!(pages(read(source.as_bytes()).expect("it is HTML")), ["deep"]);
    }
}
