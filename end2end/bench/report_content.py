"""The report of the benchmark: its content, always the same, and the words in which all three programs say it.

`content()` is the input of Sheaf, a `ReportContent` (app/domain/src/reports/content.rs). `words(content)` is what Sheaf
makes of it before it is laid out (app/typesetting/src/view.rs), for the two that have no such part of their own.
"""

from datetime import datetime, timedelta, timezone

DOCUMENTS = 24
EXCERPTS = 9
MADE_AT = datetime(2026, 3, 14, 9, 30, tzinfo=timezone.utc)
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
VOCABULARY = (
    "the supplier shall deliver goods within thirty days of order and payment is due on receipt a statement account "
    "under section four this agreement reserve ratio interest committee reviewed quarterly figures for each branch "
    "with annual audit notes to capital"
).split()


class Chance:
    """Numbers that look like chance and are the same on every machine (a linear congruential generator)."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        return self.state >> 32

    def below(self, end):
        return self.next() % end

    def sentence(self, words):
        return " ".join(VOCABULARY[self.below(len(VOCABULARY))] for _ in range(words))


def content():
    """The same 24 documents every time, about 40 pages with 28 charts."""
    chance = Chance(20_260_314)
    documents = [document(number, chance) for number in range(1, DOCUMENTS + 1)]
    return {
        "title": "Supplier contracts and statements",
        "workspace": "Acme",
        "author": "Ada",
        "made_at": MADE_AT.isoformat(),
        "scope": "Search: payment type:pdf",
        "documents": documents,
        "figures": figures(documents, chance),
    }


def document(number, chance):
    name = chance.sentence(4)
    added_at = MADE_AT - timedelta(days=chance.below(700))
    return {
        "title": name.capitalize(),
        "file_name": f"{number:02}-{name.replace(' ', '-')}.pdf",
        "format": "PDF",
        "author": "Bob",
        "language": "English",
        "created_at": (added_at - timedelta(days=9)).isoformat(),
        "added_at": added_at.isoformat(),
        "pages": 3 + chance.below(90),
        "words": 900 + chance.below(30_000),
        "bytes": 40_000 + chance.below(4_000_000),
        "sha256": "".join(f"{chance.next():08x}" for _ in range(8)),
        "excerpts": [excerpt(index * 3 + 1, chance) for index in range(EXCERPTS)],
    }


def excerpt(page, chance):
    hit = {"text": "payment", "hit": True}
    texts = [f"{chance.sentence(24)} ", f" {chance.sentence(30)} ", f" {chance.sentence(20)}."]
    first, second, third = ({"text": text, "hit": False} for text in texts)
    return {"page": page, "segments": [first, hit, second, hit, third]}


def figures(documents, chance):
    def largest(key):
        bars = [{"label": one["title"], "value": float(one[key])} for one in documents]
        return sorted(bars, key=lambda bar: -bar["value"])[:12]

    formats = {"PDF": 17.0, "Word": 4.0, "CSV": 2.0, "Text": 1.0}
    months = [f"{MONTHS[month % 12]} {2024 + month // 12}" for month in range(24)]
    return {
        "documents": len(documents),
        **{key: sum(one[key] for one in documents) for key in ("pages", "words", "bytes")},
        "by_format": [{"label": label, "value": value} for label, value in formats.items()],
        "by_month": [{"label": label, "value": float(chance.below(6))} for label in months],
        "pages_by_document": largest("pages"),
        "words_by_document": largest("words"),
    }


def words(report):
    """The report in finished words and lengths: whoever lays it out formats no number."""
    figures, documents = report["figures"], report["documents"]
    added = sorted(moment(one["added_at"]) for one in documents)
    size, unit = size_of(figures["bytes"])
    made_at = moment(report["made_at"])
    return {
        **{key: report[key] for key in ("title", "workspace", "author", "scope")},
        "made_on": date(made_at),
        "imprint": [
            ("Scope", report["scope"]),
            ("Documents", str(figures["documents"])),
            ("Prepared by", report["author"]),
            ("Date", f"{date(made_at)}, {made_at:%H:%M} UTC"),
        ],
        "summary": f"This report covers {len(documents)} documents of the workspace {report['workspace']}, added "
        f"between {date(added[0])} and {date(added[-1])}.",
        "figures": [
            ("Documents", f"{figures['documents']:,}", ""),
            ("Pages", f"{figures['pages']:,}", ""),
            ("Words", f"{figures['words']:,}", ""),
            ("Size of the originals", size, unit),
        ],
        "charts": [
            ("bars", "Documents by format", rows(figures["by_format"])),
            ("columns", "Documents by month added", rows(figures["by_month"])),
            ("bars", "Pages by document", rows(figures["pages_by_document"])),
            ("bars", "Words by document", rows(figures["words_by_document"])),
        ],
        "documents": [section(number, one, figures) for number, one in enumerate(documents, 1)],
        "sources_note": "The SHA-256 of each original, as it was stored when this report was made. Computing it again "
        "shows whether a file has changed since.",
    }


def section(number, one, figures):
    facts = [
        ("File", one["file_name"]),
        ("Format", one["format"]),
        ("Author", one["author"]),
        ("Language", one["language"]),
        ("Created", date(moment(one["created_at"]))),
        ("Added", date(moment(one["added_at"]))),
        ("Pages", f"{one['pages']:,}"),
        ("Words", f"{one['words']:,}"),
        ("Size", " ".join(size_of(one["bytes"]))),
    ]
    measures = (("Pages", "pages"), ("Words", "words"), ("Size", "bytes"))
    shares = [(label, one[key] / figures[key]) for label, key in measures]
    return {
        "number": str(number),
        "title": one["title"],
        "facts": facts,
        "share": [(label, "under 1%" if share < 0.01 else f"{share * 100:.0f}%", share) for label, share in shares],
        "excerpts": [
            (f"Page {excerpt['page']}", [(run["text"], run["hit"]) for run in excerpt["segments"]])
            for excerpt in one["excerpts"]
        ],
        "file_name": one["file_name"],
        "size": " ".join(size_of(one["bytes"])),
        "sha256": one["sha256"],
    }


def rows(bars):
    """Each bar's label, number, and length of 0 to 1."""
    longest = max(bar["value"] for bar in bars)
    return [(bar["label"], f"{bar['value']:,.0f}", bar["value"] / longest) for bar in bars]


def size_of(count):
    value, units = float(count), ["bytes", "kB", "MB", "GB"]
    while value >= 999.95:
        value, units = value / 1000, units[1:]
    return (f"{value:.0f}" if units[0] == "bytes" or value >= 99.95 else f"{value:.1f}"), units[0]


def moment(text):
    return datetime.fromisoformat(text)


def date(moment):
    return f"{moment.day} {moment:%B %Y}"
