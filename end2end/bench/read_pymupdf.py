"""Reads the words of each PDF that is named on standard input, and says what it took: one line of JSON a file."""

import json
import sys
import time

import pymupdf


def main():
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    for line in sys.stdin:
        print(json.dumps(read(line.rstrip("\n"))), flush=True)


def read(file):
    started = time.process_time()
    try:
        with pymupdf.open(file) as document:
            if document.needs_pass:
                return {"error": "password"}
            for page in document:
                page.get_text("words")
            pages = document.page_count
    except Exception as error:  # Whatever it is, the file is left out for all.
        return {"error": str(error)}
    return {"pages": pages, "cpu": time.process_time() - started}


if __name__ == "__main__":
    main()
