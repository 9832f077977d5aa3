"""Three pages that are read most, in Sheaf and in Next.js in turn: the list, a search, and a document. Requests per CPU second.

The list is that of bench-pages. What is searched is never searched twice, as Sheaf keeps what it found and the peer does not. The
document is a text, with all that the reader has around it.
"""

import re
import shutil
import sys
import time
from dataclasses import dataclass
from functools import partial

import pages
from bench import median, need

ROUNDS = 3
# Of the tokens that a sign-in gives, in seconds: they are good for five minutes.
COOKIE_LASTS = 180
# Of the bytes of the page that was looked at, an answer has so many at least: numbers differ in length.
LEAST = 0.97


@dataclass
class Read:
    """A page that both have. What `unique` is true for is asked with another number each time."""

    name: str
    path: str
    unique: bool
    # Something that is on it as often as it should be.
    sign: str
    times: int


def compare(results, database, session, ours, data):
    wrk = shutil.which("wrk") or sys.exit("wrk is missing: it is Debian's package of that name")
    need(pages.NEXT / ".next" / "BUILD_ID", "the build of the Next.js app")
    cookies = Cookies(session)
    with pages.next_app(database, pages.public_key(data)) as peer:
        for read in reads(database):
            race(results, wrk, database, read, cookies, (ours, peer))


def reads(database):
    letter = database.ask(
        """select d.id from document d join account a on a.id = d.uploaded_by
           where a.email = 'ada@acme.example' and d.state = 'read' and d.format = 'text' and d.title is null
           and exists (select from page p where p.tenant_id = d.tenant_id and p.document_id = d.id)
           order by d.created_at desc limit 1"""
    )
    return (
        Read("list", pages.PAGE, False, 'id="actions-', pages.ROWS),
        Read("search", "/search?q=lease+-x", True, 'class="search-result"', 20),
        Read("read", f"/documents/{letter}", False, "sheaf ", 1),
    )


def race(results, wrk, database, read, cookies, servers):
    def asked(server):
        cookie = cookies.one()
        return partial(look, server, read, cookie), partial(put_under_load, wrk, server, read, cookie)

    looked = {server.name: look(server, read, cookies.one()) for server in servers}
    pages.same_page(read.name, looked["sheaf"], looked["next"], "shown")
    for server in servers:
        _, load = asked(server)
        pages.warm(server, load)
    rounds = {server.name: [] for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            rounds[server.name].append(pages.one_round(server, database, *asked(server), LEAST))
    for name, of_one in rounds.items():
        tell(results, f"{read.name}.{name}", looked[name], of_one)
    for what, pick in (
        ("server", lambda one: one.per_cpu_second),
        ("with_database", lambda one: one.per_cpu_second_with_database),
    ):
        ours, theirs = (median(map(pick, rounds[name])) for name in ("sheaf", "next"))
        # Both ask Postgres the same, which of a search takes nearly all: a goal is set for the page that is rendering most.
        if read.name == "list":
            results.ratio(f"list.{what}", ours / theirs, "sheaf/next", ">= 10")
        else:
            results.figure(f"{read.name}.{what}", ours / theirs, "sheaf/next")


def tell(results, name, page, rounds):
    def figure(what, pick, unit):
        results.figure(f"{name}.{what}", median(map(pick, rounds)), unit)

    figure("cpu", lambda one: one.per_cpu_second, "requests/CPU s, server")
    figure("all_cpu", lambda one: one.per_cpu_second_with_database, "requests/CPU s, with Postgres")
    figure("wall", lambda one: one.requests / one.seconds, "requests/s")
    figure("p50", lambda one: one.p50, "ms")
    figure("p99", lambda one: one.p99, "ms")
    results.figure(f"{name}.markup", page.markup, "bytes without scripts")


def put_under_load(wrk, server, read, cookie, seconds):
    return pages.put_under_load(wrk, server, cookie, seconds, read.path, [number()] if read.unique else [])


def look(server, read, cookie):
    """The page, if it is the one that was asked for."""
    answer = pages.request(server.url, "GET", f"{read.path}{number() if read.unique else ''}", headers={"Cookie": cookie})
    if answer.status != 200 or answer.text.count(read.sign) < read.times:
        sys.exit(f"{server.name} answered {answer.status} at {read.path}, without {read.sign!r}: {answer.text[:500]}")
    return Looked(answer.text)


class Looked(pages.Page):
    def __init__(self, text):
        super().__init__(text)
        # Comments mark places for hydration, as scripts do, and each framework has as many as it needs.
        self.shown = len(re.sub(r"<script\b.*?</script>|<!--.*?-->|<!>", "", text, flags=re.DOTALL).encode())


def number():
    """One that nobody has asked with before: a run asks with those that follow, which are fewer."""
    return str(time.monotonic_ns() // 1000)


class Cookies:
    """Signs in again before a token has ended, and not for each round: an account may do so ten times in a quarter of an hour."""

    def __init__(self, session):
        self.session, self.cookie, self.since = session, "", 0.0

    def one(self):
        if not self.cookie or time.monotonic() - self.since > COOKIE_LASTS:
            self.cookie, self.since = self.session.sign_in(), time.monotonic()
        return self.cookie
