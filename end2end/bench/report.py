"""`make bench-report`: a report of 40 pages, beside the same printed by Chromium and the same made with ReportLab.

Sheaf is the process that its worker starts for every report, from its start to its end: it reads the content, loads
its fonts, typesets, and writes tagged PDF/A. Chromium is as quick as its options make it, prints HTML that is already
there, and is also counted without its start. ReportLab has everything loaded before it is measured: a process that is
ready forks for each report. What it takes from its own start is printed beside it and has no goal.
"""

import gc
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import reportlab

import bench
import report_content
import report_html
import report_reportlab

ROUNDS = 9
PAGES = 40

CHROMIUM = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--no-first-run",
    "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
    "--disable-sync", "--disable-breakpad",
]  # fmt: skip

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def main():
    bench.need(bench.SHEAF, "the release build")
    browser = chromium_program()
    version = subprocess.run([browser, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    results = bench.Bench("report", rounds=ROUNDS, chromium=version, reportlab=reportlab.Version)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = report_content.content()
        write_inputs(folder, content)
        report_reportlab.prepare()
        # What is loaded stays shared with the processes that are forked: a collection would copy all of it.
        gc.freeze()
        makers = {
            "sheaf": lambda: sheaf(folder),
            "chromium": lambda: print_page(browser, folder, "chromium"),
            "empty": lambda: print_page(browser, folder, "empty"),
            "reportlab": lambda: reportlab_warm(folder),
            "cold": lambda: reportlab_cold(folder),
        }
        costs = take_turns(makers)
        files = {name: folder / f"{name}.pdf" for name in ("sheaf", "chromium", "reportlab", "cold")}
        for name, file in files.items():
            check(name, file, content)
        print_figures(results, costs, files)
    results.write()


def chromium_program():
    """The same that the browser stories use. Debian's is a script; what it starts is measured without it."""
    names = (os.environ.get("SHEAF_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    script = next(filter(None, map(shutil.which, names)), None) or sys.exit("Chromium is missing")
    program = Path(script).resolve().parents[1] / "lib" / "chromium" / "chromium"
    return str(program if program.exists() else script)


def write_inputs(folder, content):
    (folder / "content.json").write_text(json.dumps(content))
    (folder / "chromium.html").write_text(report_html.html(report_content.words(content)))
    (folder / "empty.html").write_text("<!DOCTYPE html><title>Empty</title>")


def take_turns(makers):
    """What each took, all of them in each round. The first round only warms up the caches of the system."""
    rounds = [{name: make() for name, make in makers.items()} for _ in range(1 + ROUNDS)]
    return {name: [costs[name] for costs in rounds[1:]] for name in makers}


def sheaf(folder):
    command = [bench.SHEAF, "typeset", "--input", folder / "content.json", "--output", folder / "sheaf.pdf"]
    return bench.run(command, env={}, **QUIET)


def print_page(browser, folder, page):
    """With a profile of its own, as a service gives each customer. All of Chromium's processes are children here."""
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as profile:
        output, source = folder / f"{page}.pdf", (folder / f"{page}.html").as_uri()
        command = [browser, *CHROMIUM, f"--user-data-dir={profile}", f"--print-to-pdf={output}", source]
        return bench.run(command, **QUIET)


def reportlab_warm(folder):
    """A child of this process, which has imported everything and read the fonts."""
    sys.stdout.flush()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            report_reportlab.make(folder / "content.json", folder / "reportlab.pdf")
            status = 0
        finally:
            os._exit(status)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    if status != 0:
        sys.exit("the report of ReportLab failed")
    return bench.Cost(usage.ru_utime + usage.ru_stime, wall)


def reportlab_cold(folder):
    script = Path(report_reportlab.__file__)
    return bench.run([sys.executable, script, folder / "content.json", folder / "cold.pdf"], **QUIET)


def check(name, file, content):
    """Ends if a file does not have about the pages or not all of the words."""
    pages, margin = pages_of(file), 1 if name == "sheaf" else round(PAGES * 0.15)
    if abs(pages - PAGES) > margin:
        sys.exit(f"{name} has {pages} pages, not about {PAGES}")
    text = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
    squeezed = re.sub(r"\s", "", text)
    for document in content["documents"]:
        for wanted in (document["title"], document["sha256"]):
            if re.sub(r"\s", "", wanted) not in squeezed:
                sys.exit(f"{name} lacks {wanted}")
    # A page may end within an excerpt, so its words are counted and not looked for in order.
    runs = (run for one in content["documents"] for excerpt in one["excerpts"] for run in excerpt["segments"])
    missing = Counter(word for run in runs for word in words_of(run["text"])) - Counter(words_of(text))
    if missing:
        sys.exit(f"{name} lacks words of the excerpts: {dict(missing)}")


def words_of(text):
    return re.findall(r"\w+", text)


def pages_of(file):
    told = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^Pages:\s+(\d+)$", told, re.MULTILINE)[1])


def print_figures(results, costs, files):
    cpu = {name: bench.median([cost.cpu for cost in taken]) * 1000 for name, taken in costs.items()}
    wall = {name: bench.median([cost.wall for cost in taken]) * 1000 for name, taken in costs.items()}
    printing = cpu["chromium"] - cpu["empty"]
    for name in ("sheaf", "chromium", "reportlab"):
        results.figure(f"{name}.cpu", cpu[name], "ms CPU")
        results.figure(f"{name}.wall", wall[name], "ms")
        results.figure(f"{name}.pages", pages_of(files[name]), "pages")
        results.figure(f"{name}.bytes", files[name].stat().st_size, "bytes")
    results.figure("chromium.print", printing, "ms CPU, without its start")
    results.figure("reportlab.cold", cpu["cold"], "ms CPU, with its start")
    results.figure("reportlab.cold_wall", wall["cold"], "ms, with its start")
    results.ratio("report.cpu_chromium", cpu["sheaf"] / cpu["chromium"], "sheaf/chromium", "<= 0.2")
    results.figure("ratio.report.cpu_chromium_print", cpu["sheaf"] / printing, "sheaf/chromium without its start")
    results.ratio("report.wall_reportlab", wall["sheaf"] / wall["reportlab"], "sheaf/reportlab", "<= 1")


if __name__ == "__main__":
    main()
