"""The documents page, 50 rows from Postgres under row-level security: requests per CPU second of `sheaf serve`, and of
the same page in Next.js (the folder `next`, built). Run it under scripts/with-servers, whose Postgres both read.

Both servers get the same cookie and answer with the same rows, which is looked at before and after each round.
"""

import base64
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import bench
from bench import Bench, median, need, serving, tree_cpu

HERE = Path(__file__).resolve().parent
NEXT = HERE / "next"

ROUNDS = 3
SECONDS = 8
# As many as a busy office: enough to keep one core of a server at work at all times.
CONNECTIONS = 16
# Pages before the first round. V8 compiles what is hot as it goes and has done so after about as many; Sheaf is
# compiled, and only opens its connections and prepares its statements.
WARM_AFTER = {"sheaf": 200, "next": 2000}
# On a machine that is busy with other things it is enough to have worked for as long as this, in seconds.
LONGEST_WARMING = 60

PAGE = "/documents"
ROWS = 50
# How far the two pages may differ in size and in their elements before they are not the same page any more.
TOLERANCE = 0.10

DATABASE = "sheaf_bench_pages"
ROLES = ("sheaf_owner", "sheaf_app", "sheaf_worker")
# Of the roles, in a cluster that lives as long as this run.
ROLE_PASSWORD = "bench"
# Sheaf's default; Next.js gets the same.
POOL = 10

ADA = {"name": "Ada", "workspace": "Acme", "email": "ada@acme.example", "password": "correct horse battery"}


def main():
    need(bench.SHEAF, "Sheaf's release build (make release)")
    need(NEXT / ".next" / "BUILD_ID", "the build of the Next.js app")
    wrk = shutil.which("wrk") or sys.exit("wrk is missing: it is Debian's package of that name")
    if "SHEAF_TEST_DATABASE_URL" not in os.environ:
        sys.exit("run this under scripts/with-servers, which starts Postgres")
    database = Database(os.environ["SHEAF_TEST_DATABASE_URL"], Path(os.environ["SHEAF_TEST_POSTGRES_BIN"]))
    database.make()
    with tempfile.TemporaryDirectory(prefix="sheaf-bench.") as data, sheaf(database, data) as ours:
        session = Session(ours, database)
        session.sign_up()
        database.fill()
        with next_app(database, public_key(data)) as peer:
            compare(Bench("pages", seconds=SECONDS, connections=CONNECTIONS), wrk, database, session, ours, peer)


def compare(results, wrk, database, session, ours, peer):
    def asked(server):
        cookie = session.sign_in()
        return partial(server.look, cookie), partial(put_under_load, wrk, server, cookie)

    cookie = session.sign_in()
    pages = {server.name: server.look(cookie) for server in (ours, peer)}
    same_page("list", pages[ours.name], pages[peer.name])
    for server in (ours, peer):
        _, load = asked(server)
        results.figure(f"{server.name}.warm_up", warm(server, load), "requests")
    rounds = {ours.name: [], peer.name: []}
    for _ in range(ROUNDS):
        for server in (ours, peer):
            rounds[server.name].append(one_round(server, database, *asked(server)))
    for server in (ours, peer):
        report(results, server, pages[server.name], rounds[server.name])
    rate = {name: median(r.per_cpu_second for r in of_name) for name, of_name in rounds.items()}
    with_database = {name: median(r.per_cpu_second_with_database for r in of_name) for name, of_name in rounds.items()}
    results.ratio("server", rate[ours.name] / rate[peer.name], "sheaf/next", ">= 15")
    results.ratio("with_database", with_database[ours.name] / with_database[peer.name], "sheaf/next", ">= 10")
    results.write()


def report(results, server, page, rounds):
    def figure(name, pick, unit):
        results.figure(f"{server.name}.{name}", median(pick(one) for one in rounds), unit)

    figure("page", lambda one: one.per_cpu_second, "requests/CPU s")
    figure("page_with_database", lambda one: one.per_cpu_second_with_database, "requests/CPU s")
    figure("cpu", lambda one: one.cpu / one.requests * 1000, "ms CPU/request")
    figure("database_cpu", lambda one: one.database_cpu / one.requests * 1000, "ms CPU/request")
    figure("wall", lambda one: one.requests / one.seconds, "requests/s")
    figure("p50", lambda one: one.p50, "ms")
    figure("p99", lambda one: one.p99, "ms")
    results.figure(f"{server.name}.html", page.size, "bytes")
    results.figure(f"{server.name}.markup", page.markup, "bytes without scripts")
    results.figure(f"{server.name}.memory", resident(server.pid) / 1e6, "MB resident")


# A round


@dataclass
class Round:
    """What one server did under load, and what it took."""

    requests: int
    seconds: float
    # In milliseconds.
    p50: float
    p99: float
    # In seconds.
    cpu: float
    database_cpu: float

    @property
    def per_cpu_second(self):
        return self.requests / self.cpu

    @property
    def per_cpu_second_with_database(self):
        return self.requests / (self.cpu + self.database_cpu)


def one_round(server, database, look, load, least=0.99):
    """`look` returns the page, `load` asks for it for some seconds; an answer has `least` of its bytes."""
    page = look()
    cpu, database_cpu = tree_cpu(server.pid), tree_cpu(database.pid)
    done = load(SECONDS)
    cpu, database_cpu = tree_cpu(server.pid) - cpu, tree_cpu(database.pid) - database_cpu
    look()
    # A redirect is no error to wrk, and would be answered in no time: what was read must be pages.
    if done["bytes"] < done["requests"] * page.size * least:
        sys.exit(f"{server.name}: {done['bytes']} bytes were read in {done['requests']} answers: not all were the page")
    return Round(
        requests=done["requests"],
        seconds=done["microseconds"] / 1e6,
        p50=done["p50"] / 1000,
        p99=done["p99"] / 1000,
        cpu=cpu,
        database_cpu=database_cpu,
    )


def warm(server, load):
    """Loads a server until it is as quick as it will be; how many pages that took."""
    requests, deadline = 0, time.monotonic() + LONGEST_WARMING
    while requests < WARM_AFTER[server.name] and time.monotonic() < deadline:
        requests += load(5)["requests"]
    return requests


def put_under_load(wrk, server, cookie, seconds, path=PAGE, words=()):
    """What wrk.lua says of a run without errors. `words` are for it."""
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", HERE / "wrk.lua"]
    command += ["-H", f"Cookie: {cookie}", server.url + path, *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        sys.exit(f"wrk ended with {ran.returncode}: {ran.stdout}{ran.stderr}")
    load = json.loads(ran.stdout.strip().splitlines()[-1])
    if load["errors"] != 0 or load["requests"] == 0:
        sys.exit(f"{server.name} failed under load: {ran.stdout}")
    return load


def resident(pid):
    """Bytes of memory of a process that are its own or shared: its resident set."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) * 1024


# The page


class Page(HTMLParser):
    """The parts of a page that the two must have in common."""

    def __init__(self, text):
        super().__init__()
        self.size = len(text.encode())
        # What a browser needs for hydration is in scripts, and each framework has its own way.
        self.markup = len(re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL).encode())
        self.rows = re.findall(r'id="actions-([0-9a-f-]{36})"', text)
        self.elements = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag != "script":
            self.elements += 1


def same_page(name, ours, theirs, size="markup"):
    if ours.rows != theirs.rows:
        sys.exit("the two pages do not list the same documents")
    for what in (size, "elements"):
        here, there = getattr(ours, what), getattr(theirs, what)
        if abs(here - there) > TOLERANCE * here:
            sys.exit(f"the two are not alike ({name}): {what} {here} of Sheaf's, {there} of the Next.js app's")


# The servers


@dataclass
class Server:
    name: str
    url: str
    pid: int = 0

    def look(self, cookie):
        """The page, if it is the one with 50 rows."""
        answer = request(self.url, "GET", PAGE, headers={"Cookie": cookie})
        page = Page(answer.text) if answer.status == 200 else None
        if page is None or len(page.rows) != ROWS:
            sys.exit(f"{self.name} answered {answer.status}, without {ROWS} documents: {answer.text[:500]}")
        return page

    def answers(self, path):
        try:
            return request(self.url, "GET", path).status < 500
        except OSError:
            return False


@contextmanager
def sheaf(database, data):
    """`sheaf serve` as it is after `make release`, with nothing but its addresses set."""
    need(Path(os.environ["SHEAF_SITE"]), "what Sheaf serves to browsers (make release)")
    server = Server("sheaf", f"http://127.0.0.1:{free_port()}")
    environment = os.environ | {
        "SHEAF_DATABASE_URL": database.url("sheaf_app"),
        "SHEAF_DATABASE_CONNECTIONS": str(POOL),
        "SHEAF_DATA": data,
        "SHEAF_ADDRESS": server.url.removeprefix("http://"),
        "SHEAF_URL": server.url,
        "SHEAF_LOG": "warn",
        # What developers set, and servers do not.
        "RUST_BACKTRACE": "0",
    }
    migrations = environment | {"SHEAF_OWNER_DATABASE_URL": database.url("sheaf_owner")}
    subprocess.run([bench.SHEAF, "migrate"], env=migrations, stdin=subprocess.DEVNULL, check=True)
    with serving([bench.SHEAF, "serve"], lambda: server.answers("/readyz"), env=environment) as process:
        server.pid = process.pid
        yield server


@contextmanager
def next_app(database, key):
    """The Next.js app as it is after `next build`, in one process as its own `next start` runs it."""
    port = free_port()
    server = Server("next", f"http://127.0.0.1:{port}")
    environment = os.environ | {
        "DATABASE_URL": database.url("sheaf_app"),
        "DATABASE_CONNECTIONS": str(POOL),
        "SESSION_PUBLIC_KEY": key,
        "NEXT_TELEMETRY_DISABLED": "1",
        "NODE_ENV": "production",
    }
    program = ["node", NEXT / "node_modules" / "next" / "dist" / "bin" / "next"]
    command = [*program, "start", "--hostname", "127.0.0.1", "--port", str(port)]
    options = {"env": environment, "cwd": NEXT, "stdout": subprocess.DEVNULL}
    with serving(command, lambda: server.answers(PAGE), **options) as process:
        server.pid = process.pid
        yield server


def public_key(data):
    """What checks Sheaf's access tokens: the public half of the Ed25519 key in its data folder, base64 for URLs."""
    der = base64.b64decode((Path(data) / "token-key").read_text())
    # RFC 5958: the public key is the last field, [1] of 33 bytes, the first of which counts unused bits.
    if der[-35:-32] != b"\x81\x21\x00":
        sys.exit("Sheaf's key is not where it was expected")
    return base64.urlsafe_b64encode(der[-32:]).rstrip(b"=").decode()


class Session:
    """A person of the workspace that the page is of."""

    def __init__(self, server, database):
        self.server = server
        self.database = database

    def sign_up(self):
        self.post("/sign-up", ADA, expect=200)
        text = self.database.ask("select text_body from mail order by created_at desc limit 1")
        token = re.search(r"token=(\S+)", text)[1]
        self.post("/verify", {"token": token}, expect=303)

    def sign_in(self):
        """A cookie that is good for five minutes. The one that would renew it is left out, so that none is renewed."""
        answer = self.post("/sign-in", {"email": ADA["email"], "password": ADA["password"]}, expect=303)
        return next(cookie for cookie in answer.cookies if cookie.startswith("__Host-at="))

    def post(self, path, fields, expect):
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        answer = request(self.server.url, "POST", path, urlencode(fields), headers)
        if answer.status != expect:
            sys.exit(f"{path} answered {answer.status}: {answer.text[:500]}")
        return answer


@dataclass
class Answer:
    status: int
    text: str
    # Without their attributes.
    cookies: list


def request(url, method, path, body=None, headers=None):
    """One request on a connection of its own; redirects are not followed."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        cookies = [cookie.partition(";")[0] for cookie in response.headers.get_all("Set-Cookie", [])]
        return Answer(response.status, response.read().decode(), cookies)
    finally:
        connection.close()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


# The database


class Database:
    """A fresh one in the Postgres of this run."""

    def __init__(self, superuser, programs):
        self.superuser = superuser
        self.psql = need(programs / "psql", "psql")
        # The first line of this file is the number of the process that all others of the database are children of.
        self.pid = int(self.ask("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)", "postgres"))

    def make(self):
        self.run("-f", bench.ROOT / "migrations" / "setup" / "roles.sql", database="postgres")
        for role in ROLES:
            self.run("-c", f"alter role {role} password '{ROLE_PASSWORD}'", database="postgres")
        self.run("-c", f"create database {DATABASE} owner sheaf_owner encoding 'UTF8'", database="postgres")
        self.run("-c", "alter schema public owner to sheaf_owner")

    def fill(self):
        self.run("-f", HERE / "pages.sql")

    def ask(self, query, database=DATABASE):
        return self.run("-A", "-t", "-c", query, database=database).strip()

    def run(self, *arguments, database=DATABASE):
        address = urlsplit(self.superuser)._replace(path=f"/{database}").geturl()
        command = [self.psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", address, *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout

    def url(self, role):
        address = urlsplit(self.superuser)
        return f"postgres://{role}:{ROLE_PASSWORD}@{address.hostname}:{address.port}/{DATABASE}"


if __name__ == "__main__":
    main()
