"""The report of the benchmark as one HTML file with styles for print, as one writes it for a browser that prints PDFs.

    report_html.py CONTENT.json OUTPUT.html

The same sections in the same order as Sheaf's (app/typesetting/src/templates). DejaVu Serif stands for Libertinus
Serif, which is not installed: it is wider, so its sizes are a fifth smaller, and lines are as far apart.
"""

import json
import sys
from html import escape
from pathlib import Path

import report_content

STYLE = """
@page {
  size: A4; margin: 34mm 27mm 30mm;
  @top-left { content: TITLE; MARGIN-TEXT vertical-align: bottom; padding-bottom: 1mm; margin-bottom: 10mm;
    border-bottom: .5pt solid #c9d3d1; }
  @top-right { content: WORKSPACE; MARGIN-TEXT vertical-align: bottom; padding-bottom: 1mm; margin-bottom: 10mm;
    border-bottom: .5pt solid #c9d3d1; }
  @bottom-left { content: MADE-ON; MARGIN-TEXT vertical-align: top; padding-top: 10mm; }
  @bottom-right { content: counter(page) " of " counter(pages); MARGIN-TEXT vertical-align: top; padding-top: 10mm; }
}
@page cover {
  margin: 0;
  @top-left { content: none; } @top-right { content: none; }
  @bottom-left { content: none; } @bottom-right { content: none; }
}
* { box-sizing: border-box; }
html { font: 8.2pt/13.5pt "DejaVu Serif", serif; color: #16201f; }
body { margin: 0; }
p { margin: 0 0 10pt; }
h1 { font-size: 17pt; line-height: 22pt; font-weight: normal; color: #0f5d62; margin: 0 0 24pt; break-after: avoid; }
h2 { font-size: 11.5pt; color: #0f5d62; margin: 0 0 4.5mm; padding-left: 21mm; position: relative; }
h2 span { position: absolute; left: 0; font-weight: normal; }
h3 { font-size: 8.2pt; color: #0f5d62; margin: 15pt 0 8pt; break-after: avoid; }
a { color: inherit; text-decoration: none; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: normal; }
svg { display: block; overflow: visible; }
svg text { font-size: 6.7px; fill: #16201f; }
.quiet { color: #55625f; }
.cover { page: cover; height: 296mm; padding: 30mm 27mm 28mm 27mm; border-left: 15mm solid #0f5d62;
  display: flex; flex-direction: column; break-after: page; }
.wordmark { font-size: 13.5pt; font-weight: bold; color: #0f5d62; display: flex; align-items: center; gap: 1.5mm; }
.cover .workspace { font-size: 10.2pt; margin-bottom: 4mm; }
.cover .title { font-size: 26.5pt; line-height: 34pt; color: #0f5d62; }
.cover hr { width: 36mm; margin: 7mm 0 0; border: 0; border-top: 1.2pt solid #0f5d62; }
.cover .above { flex: 1; }
.cover .below { flex: 2; }
.cover th { width: 28mm; }
.cover td, .cover th { padding: 0 0 2.4mm; }
.contents { break-after: page; }
.contents a { display: block; line-height: 11pt; padding: 1.4pt 0; border-bottom: .5pt dotted #c9d3d1; }
.contents a.top { font-weight: bold; color: #0f5d62; margin-top: 12pt; }
.contents a span { display: inline-block; width: 9mm; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); column-gap: 5mm; margin: 4mm 0 9mm; }
.figures div { border-top: 1.2pt solid #0f5d62; padding-top: 3mm; font-size: 6.7pt; }
.figures b { display: block; font-weight: normal; font-size: 18pt; line-height: 22pt; color: #0f5d62; }
.figures small { font-size: 9.4pt; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 9mm 11mm; break-after: page; }
.chart b { display: block; color: #0f5d62; margin-bottom: 5pt; }
.head { break-inside: avoid; break-after: avoid; margin-top: 11mm; }
.head > div { display: flex; gap: 11mm; }
.facts { flex: 1; font-size: 7.4pt; line-height: 9pt; }
.facts td, .facts th { padding: 2pt 0 2.4pt; border-bottom: .5pt solid #c9d3d1; }
.facts tr:last-child > * { border: 0; }
.facts th { width: 21mm; }
.share { width: 48mm; font-size: 6.7pt; }
.excerpt { font-size: 7.8pt; line-height: 13.1pt; padding-left: 21mm; margin-bottom: 1mm; position: relative; }
.excerpt span { position: absolute; left: 0; font-size: 6.7pt; }
mark { background: #d5eae7; color: inherit; font-weight: bold; border-radius: 1pt; }
.sources { break-before: page; }
.sources table { font-size: 6.7pt; line-height: 10pt; }
.sources td, .sources th { padding: 4pt 1.5mm; border-bottom: .5pt solid #c9d3d1; vertical-align: top; }
.sources th { color: #0f5d62; font-weight: bold; border-bottom: .8pt solid #0f5d62; }
.sources .end { text-align: right; white-space: nowrap; }
.sources code { font: 6pt/10pt "DejaVu Sans Mono", monospace; }
"""

WORDMARK = """<svg width="10pt" height="11pt" viewBox="0 0 76 82" fill="none" stroke="#0f5d62" stroke-width="6.5"
stroke-linecap="round"><path d="M4 2Q36 36 36 52T60 82M19 2Q36 36 36 52T47 82M53 2Q36 36 36 52T25 82
M68 2Q36 36 36 52T12 82M36 0V82M25 50H47"/></svg>"""

# In points: half of the text's width without the gutter, and the width of a document's chart.
HALF, SHARE = 205.5, 136.0


def main():
    source, target = map(Path, sys.argv[1:])
    target.write_text(html(report_content.words(json.loads(source.read_text()))), encoding="utf-8")


def html(report):
    documents = map(document, report["documents"])
    body = "\n".join([cover(report), contents(report), summary(report), *documents, sources(report)])
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(report["title"])}</title>\n'
        f"<style>{style(report)}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def style(report):
    text = STYLE.replace("MARGIN-TEXT", "font-size: 6.7pt; color: #55625f;")
    margins = {"TITLE": report["title"], "WORKSPACE": report["workspace"], "MADE-ON": f"Sheaf, {report['made_on']}"}
    for name, said in margins.items():
        text = text.replace(f"content: {name};", f"content: {json.dumps(said)};")
    return text


def cover(report):
    return (
        f'<section class="cover"><div class="wordmark">{WORDMARK}Sheaf</div><div class="above"></div>'
        f'<div class="workspace quiet">{escape(report["workspace"])}</div>'
        f'<div class="title">{escape(report["title"])}</div><hr><div class="below"></div>'
        f"<table>{labelled(report['imprint'])}</table></section>"
    )


def labelled(rows):
    return "".join(f'<tr><th class="quiet">{label}</th><td>{escape(value)}</td></tr>' for label, value in rows)


def contents(report):
    entries = "".join(
        f'<a href="#d{one["number"]}"><span class="quiet">{one["number"]}</span>{escape(one["title"])}</a>'
        for one in report["documents"]
    )
    return (
        '<nav class="contents"><h1>Contents</h1><a class="top" href="#summary">Summary</a>'
        f'<a class="top" href="#d1">Documents</a>{entries}<a class="top" href="#sources">Appendix: sources</a></nav>'
    )


def summary(report):
    figures = "".join(
        f'<div class="quiet"><b>{value}{f" <small>{unit}</small>" if unit else ""}</b>{label}</div>'
        for label, value, unit in report["figures"]
    )
    charts = "".join(
        f'<div class="chart"><b>{title}</b>{columns(rows) if kind == "columns" else bars(rows, HALF)}</div>'
        for kind, title, rows in report["charts"]
    )
    return (
        f'<h1 id="summary">Summary</h1><p>{escape(report["summary"])}</p><p class="quiet">{escape(report["scope"])}</p>'
        f'<div class="figures">{figures}</div><div class="charts">{charts}</div><h1>Documents</h1>'
    )


def bars(rows, width):
    """Bars that lie, each under its label and its number."""
    lines = "".join(
        f'<text y="{y + 7}">{escape(label)}</text><text x="{width}" y="{y + 7}" text-anchor="end">{value}</text>'
        f'<rect y="{y + 10}" width="{width}" height="4" rx="1" fill="#e9eeed"/>'
        f'<rect y="{y + 10}" width="{max(share, 0.004) * width:.2f}" height="4" rx="1" fill="#0f5d62"/>'
        for y, (label, value, share) in zip(range(0, len(rows) * 21, 21), rows)
    )
    height = len(rows) * 21
    return f'<svg role="img" width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}">{lines}</svg>'


def columns(rows):
    """One column for each month, every fifth with its name."""
    step, top, foot = HALF / len(rows), 12, 86
    peak = max(rows, key=lambda row: row[2])[1]
    drawn = "".join(
        f'<rect x="{index * step:.2f}" y="{foot - share * 74:.2f}" width="{step - 1:.2f}" height="{share * 74:.2f}" '
        'fill="#0f5d62"/>'
        for index, (_, _, share) in enumerate(rows)
    )
    names = "".join(f'<text x="{index * step:.2f}" y="95">{rows[index][0]}</text>' for index in range(0, len(rows), 5))
    return (
        f'<svg role="img" width="{HALF}pt" height="98pt" viewBox="0 0 {HALF} 98">'
        f'<text x="{HALF}" y="8" text-anchor="end">{peak}</text>'
        f'<path d="M0 {top}H{HALF}" stroke="#c9d3d1" stroke-width=".5"/>{drawn}'
        f'<path d="M0 {foot}H{HALF}" stroke="#55625f" stroke-width=".6"/>{names}</svg>'
    )


def document(one):
    excerpts = "".join(
        f'<p class="excerpt"><span class="quiet">{page}</span>{"".join(map(run, runs))}</p>'
        for page, runs in one["excerpts"]
    )
    return (
        f'<div class="head"><h2 id="d{one["number"]}"><span>{one["number"]}</span>{escape(one["title"])}</h2>'
        f'<div><table class="facts">{labelled(one["facts"])}</table>'
        f'<div class="share"><span class="quiet">Share of this report</span>{bars(one["share"], SHARE)}</div>'
        f"</div></div><h3>Excerpts</h3>{excerpts}"
    )


def run(run):
    text, hit = run
    return f"<mark>{escape(text)}</mark>" if hit else escape(text)


def sources(report):
    rows = "".join(
        f'<tr><td class="end">{one["number"]}</td><td>{escape(one["file_name"])}</td>'
        f'<td class="end">{one["size"]}</td><td><code>{one["sha256"]}</code></td></tr>'
        for one in report["documents"]
    )
    return (
        f'<section class="sources"><h1 id="sources">Appendix: sources</h1><p>{report["sources_note"]}</p>'
        '<table><thead><tr><th class="end">No.</th><th>Source</th><th class="end">Size</th><th>SHA-256</th></tr>'
        f"</thead>{rows}</table></section>"
    )


if __name__ == "__main__":
    main()
