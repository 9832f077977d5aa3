"""What a browser loads before a page works by itself, for each part that the browser's half is cut into (app/src/parts.rs), beside
what every page of the Next.js app of `bench-pages` loads. As they are sent: compressed with brotli.

The parts say whether cutting pays: `whole` is what a page would load if all of it were one module.
"""

import json
import os
import subprocess
from pathlib import Path

from bench import Bench, need

SITE = Path(os.environ["SHEAF_SITE"])
NEXT = Path(__file__).resolve().parent / "next" / ".next"
# In kilobytes, for the first page that somebody opens.
GOAL = 250


def main():
    need(SITE / "hash.txt", "the optimised browser's half (make release)")
    need(NEXT / "build-manifest.json", "the build of the Next.js app (make bench-pages)")
    results = Bench("size")
    hashes = dict(line.split(": ", 1) for line in (SITE / "hash.txt").read_text().splitlines() if ": " in line)
    pkg, digest = SITE / "pkg", hashes["wasm"].strip()
    shared = sent(pkg / f"sheaf.{digest}.wasm") + sent(pkg / f"sheaf.{digest}.js") + sent(pkg / f"__wasm_split.{digest}.js")
    parts = json.loads((pkg / f"parts.{digest}.json").read_text())
    files = {name for names in parts.values() for name in names}
    results.figure("shared", shared / 1000, "kB, brotli")
    for part, names in sorted(parts.items()):
        results.figure(part, sum(sent(pkg / f"{name}.wasm") for name in names) / 1000, "kB, brotli, beside what is shared")
    whole = shared + sum(sent(pkg / f"{name}.wasm") for name in files)
    results.figure("whole", whole / 1000, "kB, brotli")
    results.figure("css", sent(pkg / f"sheaf.{hashes['css'].strip()}.css") / 1000, "kB, brotli")
    peer = sum(brotli(NEXT / name) for name in json.loads((NEXT / "build-manifest.json").read_text())["rootMainFiles"])
    results.figure("next", peer / 1000, "kB, brotli, on every page")
    first = shared + sum(sent(pkg / f"{name}.wasm") for name in parts["work"])
    results.ratio("first_load", first / 1000, "kB, brotli", f"<= {GOAL}")
    results.write()


def sent(path):
    """Bytes of a file of the site as browsers get it; what is too small to gain from it has no compressed copy."""
    compressed = path.with_name(path.name + ".br")
    return (compressed if compressed.exists() else path).stat().st_size


def brotli(path):
    """Bytes of a file after brotli at its best, by Node."""
    program = "const z=require('zlib');process.stdout.write(String(z.brotliCompressSync(require('fs').readFileSync(process.argv[1])).length))"
    return int(subprocess.run(["node", "-e", program, str(path)], check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
