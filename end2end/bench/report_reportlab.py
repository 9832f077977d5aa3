"""The report of the benchmark with ReportLab, as one writes it with Platypus.

    report_reportlab.py CONTENT.json OUTPUT.pdf

The same sections in the same order as Sheaf's (app/typesetting/src/templates). ReportLab embeds TrueType alone, so
DejaVu Serif stands for Libertinus Serif: it is wider, so its sizes are a fifth smaller. The charts are plain shapes;
reportlab.graphics.charts draws the same and takes longer.
"""

import json
import sys
from html import escape
from pathlib import Path

from reportlab import rl_config
from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    HRFlowable,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)
from reportlab.platypus.tableofcontents import TableOfContents

import report_content

# Streams stay bytes. Written as ASCII, as they are by default, the file is larger and takes longer.
rl_config.useA85 = 0

INK, QUIET, ACCENT = HexColor("#16201f"), HexColor("#55625f"), HexColor("#0f5d62")
TRACK, HAIRLINE = HexColor("#e9eeed"), HexColor("#c9d3d1")
SERIF, BOLD, MONO = "DejaVu Serif", "DejaVu Serif Bold", "DejaVu Sans Mono"
WIDTH, HEIGHT = A4
LEFT, TOP, FOOT = 27 * mm, 34 * mm, 30 * mm
TEXT = WIDTH - 2 * LEFT
GUTTER = 11 * mm
HALF, SHARE = (TEXT - GUTTER) / 2, 48 * mm


def style(name, **options):
    return ParagraphStyle(name, **{"fontName": SERIF, "fontSize": 8.2, "leading": 13.5, "textColor": INK, **options})


def indented(name, **options):
    """What stands right of a number or of a page."""
    return style(name, leftIndent=21 * mm, bulletFontName=SERIF, bulletColor=QUIET, **options)


TITLE = style("title", fontSize=26.5, leading=34, textColor=ACCENT)
WORKSPACE = style("workspace", fontSize=10.2, textColor=QUIET, spaceAfter=4 * mm)
BODY = style("body", spaceAfter=10)
SCOPE = style("scope", textColor=QUIET, spaceAfter=4 * mm)
HEADING = style("heading", fontSize=17, leading=22, textColor=ACCENT, spaceAfter=18)
SECTION = indented("section", fontName=BOLD, fontSize=11.5, textColor=ACCENT, bulletFontSize=11.5, spaceAfter=4.5 * mm)
SUBHEADING = style("subheading", fontName=BOLD, textColor=ACCENT, spaceBefore=8, spaceAfter=4)
EXCERPT = indented(
    "excerpt", fontSize=7.8, leading=13.1, bulletFontSize=6.7, spaceAfter=1 * mm, allowWidows=0, allowOrphans=0
)
LABEL = style("label", fontSize=6.7, leading=9, textColor=QUIET, spaceAfter=4)
TOC_TOP = style("contents 1", fontName=BOLD, textColor=ACCENT, leading=13, spaceBefore=10)
TOC_DOCUMENT = style("contents 2", leading=13)

FACTS = [
    ("FONT", (0, 0), (-1, -1), SERIF, 7.4, 9),
    ("TEXTCOLOR", (0, 0), (0, -1), QUIET),
    ("LINEBELOW", (0, 0), (-1, -2), 0.5, HAIRLINE),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
]
BESIDE = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]


def main():
    prepare()
    make(*map(Path, sys.argv[1:]))


def prepare():
    """Reads the fonts, once for a process. ReportLab knows where systems keep them."""
    try:
        for name, file in ((SERIF, "DejaVuSerif.ttf"), (BOLD, "DejaVuSerif-Bold.ttf"), (MONO, "DejaVuSansMono.ttf")):
            registerFont(TTFont(name, file))
    except TTFError:
        sys.exit("the DejaVu fonts are missing (Debian: fonts-dejavu-core)")
    registerFontFamily(SERIF, normal=SERIF, bold=BOLD, italic=SERIF, boldItalic=BOLD)


def make(source, target):
    """Reads the content and writes the report."""
    report = report_content.words(json.loads(source.read_text()))
    Report(target, report).multiBuild(story(report))


class Report(BaseDocTemplate):
    """Pages with a header and a footer, and headings that are entries of the contents and of the outline."""

    def __init__(self, target, report):
        about = {"title": report["title"], "author": report["author"], "subject": report["scope"]}
        super().__init__(str(target), pagesize=A4, **about)
        self.report = report
        self.pages = 1
        none = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0}
        cover = Frame(42 * mm, 28 * mm, WIDTH - 69 * mm, HEIGHT - 58 * mm, **none)
        body = Frame(LEFT, FOOT, TEXT, HEIGHT - TOP - FOOT, **none)
        self.addPageTemplates(
            [
                PageTemplate("cover", cover, onPage=self.draw_cover),
                PageTemplate("body", body, onPage=self.draw_margins),
            ]
        )

    def draw_cover(self, canvas, _):
        canvas.setFillColor(ACCENT)
        canvas.rect(0, 0, 15 * mm, HEIGHT, stroke=0, fill=1)
        canvas.setFont(BOLD, 13.5)
        canvas.drawString(42 * mm + 14, HEIGHT - 36 * mm, "Sheaf")
        wordmark(canvas, 42 * mm, HEIGHT - 36 * mm - 2)
        canvas.setFont(SERIF, 8.2)
        for index, (label, value) in enumerate(reversed(self.report["imprint"])):
            y = 29 * mm + index * 20
            canvas.setFillColor(QUIET)
            canvas.drawString(42 * mm, y, label)
            canvas.setFillColor(INK)
            canvas.drawString(70 * mm, y, value)

    def draw_margins(self, canvas, _):
        canvas.setFont(SERIF, 6.7)
        canvas.setFillColor(QUIET)
        top, foot = HEIGHT - 23 * mm, 17 * mm
        canvas.drawString(LEFT, top, self.report["title"])
        canvas.drawRightString(WIDTH - LEFT, top, self.report["workspace"])
        canvas.setStrokeColor(HAIRLINE)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT, top - 4, WIDTH - LEFT, top - 4)
        canvas.drawString(LEFT, foot, f"Sheaf, {self.report['made_on']}")
        canvas.drawRightString(WIDTH - LEFT, foot, f"{self.page} of {self.pages}")

    def afterFlowable(self, flowable):
        entry = getattr(flowable, "entry", None)
        if entry is None:
            return
        level, text, key = entry
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(text, key, level)
        self.notify("TOCEntry", (level, text, self.page, key))

    def afterPage(self):
        # The contents take a second pass, and by then the number of pages is known.
        self.pages = max(self.pages, self.page)


def wordmark(canvas, x, y):
    """Five stalks and a band."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.setStrokeColor(ACCENT)
    canvas.setLineWidth(0.9)
    for top, foot in ((0.5, 8.2), (2.5, 6.4), (7.2, 3.4), (9.2, 1.6)):
        canvas.bezier(top, 11, 4.9, 6.4, 4.9, 6.4, 4.9, 4)
        canvas.bezier(4.9, 4, 4.9, 2, foot, 1, foot, 0)
    canvas.line(4.9, 11, 4.9, 0)
    canvas.line(3.4, 4.3, 6.3, 4.3)
    canvas.restoreState()


def story(report):
    flow = [*cover(report), *contents(), *summary(report), heading("Documents", "documents")]
    for one in report["documents"]:
        flow += document(one)
    return flow + sources(report)


def cover(report):
    return [
        Spacer(0, 50 * mm),
        Paragraph(escape(report["workspace"]), WORKSPACE),
        Paragraph(escape(report["title"]), TITLE),
        HRFlowable(36 * mm, 1.2, color=ACCENT, hAlign="LEFT", spaceBefore=7 * mm),
        NextPageTemplate("body"),
        PageBreak(),
    ]


def contents():
    table = TableOfContents(dotsMinLevel=0, levelStyles=[TOC_TOP, TOC_DOCUMENT])
    return [Paragraph("Contents", HEADING), table, PageBreak()]


def heading(text, key):
    paragraph = Paragraph(text, HEADING)
    paragraph.entry = (0, text, key)
    return paragraph


def summary(report):
    charts = [
        [Paragraph(title, SUBHEADING), columns(rows) if kind == "columns" else bars(rows, HALF)]
        for kind, title, rows in report["charts"]
    ]
    return [
        heading("Summary", "summary"),
        Paragraph(escape(report["summary"]), BODY),
        Paragraph(escape(report["scope"]), SCOPE),
        key_figures(report["figures"]),
        Spacer(0, 9 * mm),
        Table(
            [[charts[0], "", charts[1]], [charts[2], "", charts[3]]],
            colWidths=[HALF, GUTTER, HALF],
            style=[*BESIDE, ("BOTTOMPADDING", (0, 0), (-1, 0), 9 * mm)],
        ),
        PageBreak(),
    ]


def key_figures(figures):
    drawing, step = Drawing(TEXT, 46), (TEXT + 5 * mm) / 4
    for index, (label, value, unit) in enumerate(figures):
        x = index * step
        drawing.add(Line(x, 45, x + step - 5 * mm, 45, strokeColor=ACCENT, strokeWidth=1.2))
        drawing.add(String(x, 18, f"{value} {unit}", fontName=SERIF, fontSize=18, fillColor=ACCENT))
        drawing.add(String(x, 4, label, fontName=SERIF, fontSize=6.7, fillColor=QUIET))
    return drawing


def bars(rows, width):
    """Bars that lie, each under its label and its number."""
    drawing = Drawing(width, len(rows) * 21)
    for index, (label, value, share) in enumerate(rows):
        y = (len(rows) - index) * 21
        drawing.add(String(0, y - 8, label, fontName=SERIF, fontSize=6.7, fillColor=INK))
        drawing.add(String(width, y - 8, value, fontName=SERIF, fontSize=6.7, fillColor=INK, textAnchor="end"))
        drawing.add(Rect(0, y - 15, width, 4, rx=1, ry=1, fillColor=TRACK, strokeColor=None))
        drawing.add(Rect(0, y - 15, max(share, 0.004) * width, 4, rx=1, ry=1, fillColor=ACCENT, strokeColor=None))
    return drawing


def columns(rows):
    """One column for each month, every fifth with its name."""
    drawing, step, foot = Drawing(HALF, 98), HALF / len(rows), 12
    peak = max(rows, key=lambda row: row[2])[1]
    drawing.add(String(HALF, 90, peak, fontName=SERIF, fontSize=6.7, fillColor=QUIET, textAnchor="end"))
    drawing.add(Line(0, foot + 74, HALF, foot + 74, strokeColor=HAIRLINE, strokeWidth=0.5))
    for index, (label, _, share) in enumerate(rows):
        if share > 0:
            drawing.add(Rect(index * step, foot, step - 1, share * 74, fillColor=ACCENT, strokeColor=None))
        if index % 5 == 0:
            drawing.add(String(index * step, 2, label, fontName=SERIF, fontSize=6, fillColor=QUIET))
    drawing.add(Line(0, foot, HALF, foot, strokeColor=QUIET, strokeWidth=0.6))
    return drawing


def document(one):
    title = Paragraph(escape(one["title"]), SECTION, bulletText=one["number"])
    title.entry = (1, f"{one['number']}  {one['title']}", f"d{one['number']}")
    facts = Table(one["facts"], colWidths=[21 * mm, TEXT - SHARE - GUTTER - 21 * mm], style=FACTS)
    share = [Paragraph("Share of this report", LABEL), bars(one["share"], SHARE)]
    beside = Table([[facts, "", share]], colWidths=[TEXT - SHARE - GUTTER, GUTTER, SHARE], style=BESIDE)
    return [
        # The heading, the facts and the first lines of an excerpt stay on one page.
        CondPageBreak(85 * mm),
        Spacer(0, 9 * mm),
        title,
        beside,
        Paragraph("Excerpts", SUBHEADING),
        *(Paragraph("".join(map(run, runs)), EXCERPT, bulletText=page) for page, runs in one["excerpts"]),
    ]


def run(run):
    text, hit = run
    return f'<font backColor="#d5eae7"><b>{escape(text)}</b></font>' if hit else escape(text)


def sources(report):
    rows = [(one["number"], one["file_name"], one["size"], one["sha256"]) for one in report["documents"]]
    table = Table(
        [("No.", "Source", "Size", "SHA-256"), *rows],
        colWidths=[9 * mm, TEXT - 28 * mm - 240, 19 * mm, 240],
        repeatRows=1,
        style=[
            ("FONT", (0, 0), (-1, 0), BOLD, 6.7, 10),
            ("TEXTCOLOR", (0, 0), (-1, 0), ACCENT),
            ("FONT", (0, 1), (2, -1), SERIF, 6.7, 10),
            ("FONT", (3, 1), (3, -1), MONO, 6, 10),
            ("ALIGN", (0, 0), (0, -1), "RIGHT"),
            ("ALIGN", (2, 0), (2, -1), "RIGHT"),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, ACCENT),
            ("LINEBELOW", (0, 1), (-1, -1), 0.5, HAIRLINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ],
    )
    return [PageBreak(), heading("Appendix: sources", "sources"), Paragraph(report["sources_note"], BODY), table]


if __name__ == "__main__":
    main()
