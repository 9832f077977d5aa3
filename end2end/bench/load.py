"""Sheaf under the load of people: a mix of signing in, lists, searches, reading, uploads and listening, on one tenant and on a
thousand; and three pages of it beside the same in Next.js. Run it under scripts/with-servers, whose Postgres both read.

A closed load finds out how much the server can do, an open one of 70 % of that how long people wait then. CPU is counted for the
server and for Postgres; that of whoever makes the load is not. No worker runs, as what is uploaded is read by other machines, and no
Redis, as one server needs none.

  SHEAF_BENCH_BINARY    the program instead of the one of `make release`, and SHEAF_SITE with it
  SHEAF_BENCH_SECONDS   how long each load lasts (20)
  SHEAF_BENCH_PARTS     some of: first,one,many,peers
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import bench
import load_peers
import pages
import public
from bench import Bench, need, tree_cpu

HERE = Path(__file__).resolve().parent

SECONDS = int(os.environ.get("SHEAF_BENCH_SECONDS", "20"))
PARTS = os.environ.get("SHEAF_BENCH_PARTS", "first,one,many,peers").split(",")
# Before anything is counted: connections are opened, statements prepared, passwords hashed for the first time.
WARM_SECONDS = 5
CONNECTIONS = 16
SHARE_OF_CAPACITY = 0.7

# What one person does in a day (docs/operations.md, "What it costs"): 120 requests. A stream of changes is opened anew every
# four minutes.
MIX = {"list": 45, "read": 45, "search": 15, "events": 12, "upload": 2, "sign_in": 1}

PAGES_OF_PUBLIC = ("/", "/pricing", "/docs")
ASKED_OF_PUBLIC = 1000

MEGABYTE = 1e6
KILOBYTE = 1e3


def main():
    need(bench.SHEAF, "Sheaf's release build (make release)")
    if "SHEAF_TEST_DATABASE_URL" not in os.environ:
        sys.exit("run this under scripts/with-servers, which starts Postgres")
    # Everybody signs in from an address of their own.
    os.environ["SHEAF_TRUST_PROXY"] = "true"
    database = pages.Database(os.environ["SHEAF_TEST_DATABASE_URL"], Path(os.environ["SHEAF_TEST_POSTGRES_BIN"]))
    database.make()
    results = Bench("load", seconds=SECONDS, connections=CONNECTIONS, fsync=False, mix=MIX, parts=PARTS)
    with tempfile.TemporaryDirectory(prefix="sheaf-bench.") as data, pages.sheaf(database, data) as ours:
        session = pages.Session(ours, database)
        session.sign_up()
        database.fill()
        database.run("-f", HERE / "load.sql")
        if "first" in PARTS:
            first_load(results, ours, session.sign_in())
            public_pages(results, ours)
        with generator() as generate:
            for number, name in enumerate(("one", "many")):
                if name in PARTS:
                    who = people(database, name)
                    under_load(results, name, Place(number, database, ours, generate, who, key(data)))
        results.figure("memory.peak", peak(ours.pid) / MEGABYTE, "MB resident")
        results.ratio("memory", peak(ours.pid) / MEGABYTE, "MB resident at most", "<= 150")
        if "peers" in PARTS:
            load_peers.compare(results, database, session, ours, data)
    results.write()


# The load of people


class Place:
    """A server and its database, put under the load of these people."""

    def __init__(self, number, database, server, generate, who, private_key):
        self.database, self.server, self.generate = database, server, generate
        self.order = {
            "url": server.url,
            "key": private_key,
            "password": pages.ADA["password"],
            "people": who,
            "mix": MIX,
        }
        # A letter is uploaded once: each run has a number of its own, and no two places have the same.
        self.runs = 100 * number

    def load(self, **how):
        """What came of a load, with the CPU seconds of server and database."""
        self.runs += 1
        before = tree_cpu(self.server.pid), tree_cpu(self.database.pid)
        came = self.generate({**self.order, "seed": self.runs, **how})
        came["cpu"] = tree_cpu(self.server.pid) - before[0]
        came["database_cpu"] = tree_cpu(self.database.pid) - before[1]
        came["answered"] = came["all"]["count"]
        if came["answered"] == 0:
            sys.exit(f"nothing was answered: {came['errors']}")
        return came


def under_load(results, name, place):
    place.load(mode="closed", connections=CONNECTIONS, seconds=WARM_SECONDS)
    most = place.load(mode="closed", connections=CONNECTIONS, seconds=SECONDS)
    capacity = most["answered"] / most["seconds"]
    tell(results, f"{name}.closed", most)
    usual = place.load(mode="open", rate=capacity * SHARE_OF_CAPACITY, seconds=SECONDS)
    results.figure(f"{name}.open.rate", capacity * SHARE_OF_CAPACITY, "requests/s meant")
    tell(results, f"{name}.open", usual)
    # A password takes as long as it does on purpose, and is told by itself.
    results.ratio(f"{name}.p99", usual["pages"]["p99"], "ms, pages at 70 % load", "<= 20")
    errors = Counter(most["errors"]) + Counter(usual["errors"])
    results.ratio(f"{name}.errors", sum(errors.values()), "requests that failed", "<= 0")
    for what, times in errors.items():
        print(f"load  {name}: {times} times {what}", flush=True)


def tell(results, name, came):
    answered = came["answered"]
    results.figure(f"{name}.rate", answered / came["seconds"], "requests/s")
    results.figure(f"{name}.cpu", answered / came["cpu"], "requests/CPU s, server")
    results.figure(f"{name}.all_cpu", answered / (came["cpu"] + came["database_cpu"]), "requests/CPU s, with Postgres")
    results.figure(f"{name}.server", came["cpu"] / answered * 1000, "ms CPU/request, server")
    results.figure(f"{name}.postgres", came["database_cpu"] / answered * 1000, "ms CPU/request, Postgres")
    for act, times in {"all": came["all"], "pages": came["pages"], **came["acts"]}.items():
        results.figure(f"{name}.{act}.p50", times["p50"], "ms")
        results.figure(f"{name}.{act}.p99", times["p99"], f"ms of {times['count']}")


@contextmanager
def generator():
    """Makes load: takes an order, and returns what came of it."""
    node = shutil.which("node") or sys.exit("node is missing")
    process = subprocess.Popen(
        [node, HERE / "load" / "generate.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def generate(order):
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        line = process.stdout.readline() or sys.exit("the generator has ended")
        return json.loads(line)

    try:
        yield generate
    finally:
        process.kill()
        process.wait()


def people(database, name):
    """Who asks: everybody of Ada's workspace, or one of each of a thousand workspaces. Each has letters to read."""
    whose = "a.email like '%@acme.example'" if name == "one" else "(a.email like 'load%' or a.email = 'ada@acme.example')"
    told = database.ask(
        f"""select json_agg(json_build_object('tenant', m.tenant_id, 'account', a.id, 'session', s.id, 'role', m.role,
                                              'version', a.session_version, 'email', a.email, 'documents', d.ids))
            from account a join membership m on m.account_id = a.id
            join lateral (select id from session where account_id = a.id order by created_at desc limit 1) s on true
            join lateral (
                select json_agg(id) as ids
                from (select id from document where tenant_id = m.tenant_id and format = 'text' and state = 'read'
                      order by created_at desc limit 8) as letter
            ) d on true
            where {whose}"""
    )
    return json.loads(told)


def key(data):
    """The private key of access tokens, PKCS #8 in base64."""
    return (Path(data) / "token-key").read_text().strip()


def peak(pid):
    """The most bytes of memory that a process has had resident."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024


# The first load


def first_load(results, server, cookie):
    """All that a browser has to fetch before the list of documents works: the page, and what its scripts and styles are."""
    html = fetch(server, pages.PAGE, cookie)
    named = set(re.findall(r"""["'(](/[\w./-]+\.(?:js|wasm|css|woff2))["')]""", html[1])) | parts("work")
    sizes = {path: fetch(server, path, cookie)[0] for path in sorted(named)}
    for path, size in sizes.items():
        # Without the hash of what is in it, which is another one for each build.
        name = re.sub(r"\.[0-9a-f]{16}", "", path.rpartition("/")[2])
        results.figure(f"first.{name}", size / KILOBYTE, "KB as sent")
    results.figure("first.page", html[0] / KILOBYTE, f"KB as sent, {pages.PAGE}")
    whole = sum(size for path, size in sizes.items() if not path.endswith(".woff2"))
    if not any(path.endswith(".wasm") for path in sizes):
        sys.exit(f"{pages.PAGE} names no program for the browser: {sorted(sizes)}")
    results.ratio("first_load", (whole + html[0]) / KILOBYTE, "KB in brotli, without fonts", "<= 250")


def parts(name):
    """The files of the part of the program that a page is in (app/src/parts.rs), where the build is one that is cut into parts."""
    told = list((Path(os.environ["SHEAF_SITE"]) / "pkg").glob("parts.*.json"))
    if not told:
        return set()
    loader = {f"/pkg/{file.name}" for file in told[0].parent.glob("__wasm_split.*.js")}
    return {f"/pkg/{file}.wasm" for file in json.loads(told[0].read_text())[name]} | loader


def fetch(server, path, cookie=""):
    """How many bytes of body are sent, in brotli where it helps, and the text of a page."""
    address = urlsplit(server.url)
    headers = ["-H", f"Cookie: {cookie}"] if cookie else []
    command = ["curl", "--silent", "--show-error", "--fail", *headers]
    url = f"http://{address.netloc}{path}"
    sent = subprocess.run([*command, "-H", "Accept-Encoding: br", url], stdout=subprocess.PIPE, check=True).stdout
    text = subprocess.run([*command, url], stdout=subprocess.PIPE, check=True).stdout
    return len(sent), text.decode(errors="replace")


def public_pages(results, server):
    """The first byte of pages that are the same for everybody, and that no program comes with them."""
    address = urlsplit(server.url)
    client = public.Client(address.port)
    for page in PAGES_OF_PUBLIC:
        client.get(page, address.netloc)
    times = sorted(
        client.get(PAGES_OF_PUBLIC[number % len(PAGES_OF_PUBLIC)], address.netloc).seconds
        for number in range(ASKED_OF_PUBLIC)
    )
    with_program = sum(".wasm" in fetch(server, page)[1] for page in PAGES_OF_PUBLIC)
    results.figure("public.p50", public.percentile(times, 50) * 1000, "ms to the first byte")
    results.ratio("public.p99", public.percentile(times, 99) * 1000, "ms to the first byte", "<= 5")
    results.ratio("public.wasm", with_program, "public pages with WASM", "<= 0")


if __name__ == "__main__":
    main()
