"""`make bench-read`: CPU for each page of text with the place of every word, beside pdftotext -bbox and PyMuPDF.

All PDFs of the corpus that the three of them read, each in turn. Sheaf pays for a process of its own in its sandbox for
every document, as in production; pdftotext pays for its process, and PyMuPDF for nothing but its work: it stays loaded.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import bench

ROUNDS = 3
PAIRS = 40
MAX_PAGES = 5_000


def main():
    corpus = bench.need(Path(os.environ.get("SHEAF_CORPUS", "corpus")), "the folder of documents (SHEAF_CORPUS)")
    bench.need(bench.SHEAF, "the release build")
    results = bench.Bench("read", rounds=ROUNDS, pdftotext=version_of_pdftotext())
    with PyMuPdf() as pymupdf, tempfile.TemporaryDirectory() as folder:
        files = [file for file in pdfs(corpus) if all_read(file, pymupdf, folder)]
        pages = sum(pymupdf.read(file)["pages"] for file in files)
        results.figure("files", len(files), "files")
        results.figure("pages", pages, "pages")
        cpu = {"sheaf": 0.0, "pdftotext": 0.0, "pymupdf": 0.0}
        for file in files:
            turns = [(sheaf(file, folder).cpu, pdftotext(file).cpu, pymupdf.read(file)["cpu"]) for _ in range(ROUNDS)]
            for name, values in zip(cpu, zip(*turns)):
                cpu[name] += bench.median(values)
        for name, seconds in cpu.items():
            results.figure(f"{name}.page", seconds / pages * 1e3, "ms CPU/page")
        slower = max(cpu["pdftotext"], cpu["pymupdf"])
        results.ratio("read", cpu["sheaf"] / slower, "sheaf/slower peer", "<= 1")
        results.figure("read.faster", cpu["sheaf"] / min(cpu["pdftotext"], cpu["pymupdf"]), "sheaf/faster peer")
        measure_sandbox(results, folder)
    results.write()


def measure_sandbox(results, folder):
    """What it costs to read one line of text: a process, its locks and next to nothing else."""
    line = Path(folder) / "line.txt"
    line.write_text("One line.\n")
    pairs = []
    for _ in range(PAIRS):
        pairs.append((sheaf(line, folder, "text"), sheaf(line, folder, "text", sandboxed=False)))
    locked, free = zip(*pairs)
    whole = bench.median([cost.wall for cost in locked])
    results.figure("sandbox.cpu", bench.median([cost.cpu for cost in locked]) * 1e3, "ms CPU/document")
    results.figure("sandbox.locks", (whole - bench.median([cost.wall for cost in free])) * 1e3, "ms/document")
    results.ratio("sandbox", whole * 1e3, "ms/document, its process included", "<= 10")


def pdfs(corpus):
    listed = json.loads((corpus / "manifest.json").read_text())
    named = [corpus / entry["file"] for entry in listed if entry["file"].endswith(".pdf")]
    return [file for file in named if file.is_file() and not file.name.startswith("hostile")]


def all_read(file, pymupdf, folder):
    """Whether each of the three reads the file whole, and they agree on its number of pages."""
    found = pymupdf.read(file)
    if "error" in found or pdftotext(file, check=False).returncode != 0:
        return False
    events = subprocess.run(sheaf_command(file, folder), capture_output=True, check=False).stdout.splitlines()
    read = sum(1 for event in events if json.loads(event)["event"] == "page")
    return bool(events) and json.loads(events[-1])["event"] == "finished" and read == found["pages"]


def sheaf_command(file, folder, format="pdf", sandboxed=True):
    request = {"format": format, "first_page": 1, "max_pages": MAX_PAGES, "images": False}
    return [
        bench.SHEAF,
        "read",
        *(["--sandboxed"] if sandboxed else []),
        *("--input", file, "--output", folder),
        *("--pdfium", os.environ["SHEAF_PDFIUM_DIR"]),
        json.dumps(request),
    ]


def sheaf(file, folder, format="pdf", sandboxed=True):
    # As its parent starts it: without an environment.
    return bench.run(sheaf_command(file, folder, format, sandboxed), stdout=subprocess.DEVNULL, env={})


def pdftotext(file, check=True):
    command = ["pdftotext", "-bbox", file, "/dev/null"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return bench.run(command, **quiet) if check else subprocess.run(command, check=False, **quiet)


def version_of_pdftotext():
    said = subprocess.run(["pdftotext", "-v"], capture_output=True, text=True, check=False).stderr
    return said.split("\n")[0].split()[-1]


class PyMuPdf:
    """A process that has PyMuPDF loaded and reads files on demand."""

    def __enter__(self):
        script = Path(__file__).with_name("read_pymupdf.py")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, script], **pipes)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def read(self, file):
        """{"pages": n, "cpu": seconds}, or {"error": why}."""
        self.process.stdin.write(f"{file}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


if __name__ == "__main__":
    main()
