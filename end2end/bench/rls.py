"""What row-level security costs: each hot query as the web server asks it, beside the same query without policies; and what
it costs among ever more tenants. Run it under scripts/with-servers.

The statements are those of `.sqlx`, where the compiler has written the queries of the stores. Both sides name the tenant in
their condition, as the stores do. The side without policies is a role like the web server's that no policy binds. It has to
find the same rows for the same person, so what the policies say besides the tenant stands in its statements, as an
application without policies would have to write it: WRITTEN_OUT has each such condition. Where a query asks the view that
filters by itself, or the function that runs as its owner, that side asks the tables behind them.

The figure is CPU of the database for each query, in a session that is open already and has prepared its statement. Database
and client share one CPU: to wake a process on another one costs as much as a short query, and more at some times than at
others.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import ROOT, Bench, median, need, tree_cpu

# How many tenants there are, each in a database of its own. Fewer are enough to see that the benchmark works.
SIZES = tuple(int(size) for size in os.environ.get("SHEAF_BENCH_TENANTS", "1000,10000,100000").split(","))
# The tenant that is measured, and each of the others.
DOCUMENTS = 1_000
DOCUMENTS_OF_OTHERS = 10

ROUNDS = 7
# A turn of one side, in seconds: long enough for a clock that ticks a hundred times a second, which may be a tick wrong.
TURN = 0.8

# Of the roles, in a cluster that lives as long as this run.
ROLE_PASSWORD = "bench"
TEMPLATE = "sheaf_bench_rls"

# The two sides. What a role may do is looked up for each query on either, which a superuser would be spared.
BOUND, UNBOUND = "sheaf_app", "sheaf_bench_unbound"

ACME = "00000000-0000-7000-8000-000000000001"
ADA = "00000000-0000-7000-8000-000000000002"

BY_TIME = "d.created_at between $9 and $10 order by d.created_at"
BY_NAME = "d.name_key between $9 and $10 order by d.name_key asc"
EVER = {6: "'9999-12-31'", 9: "'epoch'", 10: "'9999-12-31'"}
NAMES = {6: "''", 9: "''", 10: "repeat(chr(1114111), 256)"}
LEASES = {2: "'''leas'' & ''sheaf_english'''", 6: "2000", 7: "200", 8: "'''leas'''", 9: "3"}
SIZES_OF_FILES = {6: "9223372036854775807", 9: "0", 10: "9223372036854775807"}

# Each hot query: its name, the parts that only it has, and its parameters where they are not the usual ones of their type.
# {name} stands for one of VALUES.
HOT = [
    ("list", (BY_TIME, "desc limit"), EVER),
    ("list.later", (BY_TIME, "desc limit"), EVER | {6: "'{created_at}'"}),
    ("list.trash", ("trashed_at is not null", "order by d.created_at desc"), {6: "'9999-12-31'"}),
    ("list.since", (BY_TIME, "desc limit"), EVER | {4: "current_date - 30", 9: "current_date - 30"}),
    ("list.oldest", (BY_TIME, "asc limit"), EVER | {6: "'epoch'"}),
    ("list.by_name", (BY_NAME,), NAMES),
    ("list.by_name.later", (BY_NAME,), NAMES | {6: "'invoice5'"}),
    ("list.by_size", ("d.bytes between $9 and $10 order by d.bytes desc",), SIZES_OF_FILES),
    ("count", ("select (select count(*) from document where",), {2: f"'{ADA}'"}),
    ("document", ("from document d join account a",), {}),
    ("documents", ("from document where tenant_id = $1 and id = any ($2)", "id: DocumentId"), {}),
    ("same_bytes", ("and sha256 = $2",), {}),
    ("page", ("select number, width, height, text, words",), {2: "'{page}'"}),
    ("pages_with", ("d.id = $2 and p.tsv @@ $3",), {2: "'{page}'", 3: "'''leas'''"}),
    ("search", ("from searchable_page where",), LEASES),
    ("reports", ("from report r join account a", "limit 100"), {2: "null"}),
    ("report", ("from report r join account a", "limit 100"), {2: "'{report}'"}),
    ("job", ("from job where tenant_id = $1 and id = $2", "is_cancelling"), {2: "'{job}'"}),
    ("undelivered", ("from mail where tenant_id = $1 and last_error is not null", "limit 50"), {}),
    ("session", ("from session s join account a", "join membership"), {1: "'{session}'", 2: "'{tenant}'", 3: "now()", 4: "0"}),
]

# What the policies say of a document besides its tenant; {me} is the parameter with whoever asks.
IS_SEEN = """(d.visibility = 'workspace' or d.uploaded_by = {me} or exists (
    select from document_reader dr where dr.tenant_id = $1 and dr.account_id = {me} and dr.document_id = d.id
))"""

# What the side without policies asks instead: by which queries, in place of what. The count says by itself what it counts.
WRITTEN_OUT = [
    (("list", "document", "pages_with", "search"), "d.tenant_id = $1", f"d.tenant_id = $1 and {IS_SEEN}"),
    (("documents", "same_bytes"), "from document where", f"from document d where {IS_SEEN} and"),
    (
        ("page",),
        "from page where",
        f"from page where exists (select from document d where d.tenant_id = $1 and d.id = document_id and {IS_SEEN}) and",
    ),
    (("report", "reports"), "where r.", "where (r.visibility = 'workspace' or r.made_by = {me}) and r."),
    (("pages_with", "search"), "searchable_page", "page"),
    (
        ("session",),
        "workspaces_of_current_account()",
        """(select coalesce(jsonb_agg(jsonb_build_object('tenant', w.tenant_id, 'name', w.name, 'role', w.role)), '[]')
        from (
            select own.tenant_id, its.name, own.role
            from membership own join tenant its on its.tenant_id = own.tenant_id
            where own.account_id = a.id order by own.created_at limit 50
        ) as w)""",
    ),
]

USUAL = {"Bool": "false", "TextArray": "'{}'", "Int4": "1", "Int8": "51", "Bytea": "'{sha256}'", "UuidArray": "'{documents}'"}

# What the measured tenant has.
VALUES = {
    "document": "select id from document where tenant_id = '{tenant}' and trashed_at is null order by id limit 1",
    "documents": "select array_agg(id) from (select id from document where tenant_id = '{tenant}' limit 50) as few",
    "created_at": "select percentile_disc(0.5) within group (order by created_at) from document where tenant_id = '{tenant}'",
    "sha256": "select sha256 from document where tenant_id = '{tenant}' and trashed_at is null limit 1",
    "page": "select document_id from page where tenant_id = '{tenant}' limit 1",
    "report": "select id from report where tenant_id = '{tenant}' limit 1",
    "job": "select id from job where tenant_id = '{tenant}' limit 1",
    "session": "select id from session where tenant_id = '{tenant}' limit 1",
}


def main():
    if "SHEAF_TEST_DATABASE_URL" not in os.environ:
        sys.exit("run this under scripts/with-servers, which starts Postgres")
    postgres = Postgres(os.environ["SHEAF_TEST_DATABASE_URL"], Path(os.environ["SHEAF_TEST_POSTGRES_BIN"]))
    postgres.share_one_cpu()
    results = Bench(
        "rls", postgres=postgres.version(), tenants=SIZES, documents=DOCUMENTS, of_others=DOCUMENTS_OF_OTHERS, rounds=ROUNDS
    )
    postgres.make_template()
    databases = {size: postgres.make(size) for size in SIZES}
    described = [json.loads(file.read_text()) for file in sorted((ROOT / ".sqlx").glob("*.json"))]
    with tempfile.TemporaryDirectory(prefix="sheaf-bench.") as folder:
        for name, parts, said in HOT:
            query = Query.find(described, name, parts)
            turns = [
                Turn(postgres, databases[size], size, side, query.script(databases[size], said, side, Path(folder)))
                for size in SIZES
                for side in (BOUND, UNBOUND)
            ]
            report(results, name, measure(turns))
    results.write()


def measure(turns):
    """Microseconds of CPU for each query, by size and side, in each of the rounds: one turn of each."""
    calls = {turn.key: turn.calibrate() for turn in turns}
    return [{turn.key: turn.run(calls[turn.key]) for turn in turns} for _ in range(ROUNDS)]


def report(results, name, rounds):
    """Sides are compared within a round, since what else the machine does changes from one to the next."""
    fewest, most = SIZES[0], SIZES[-1]
    cost = {key: median(one[key] for one in rounds) for key in rounds[0]}
    for size in SIZES:
        results.figure(f"{name}.{size}", cost[size, BOUND], "us CPU")
    results.figure(f"{name}.plain", cost[most, UNBOUND], "us CPU")
    ratios = (one[size, BOUND] / one[size, UNBOUND] for one in rounds for size in SIZES)
    results.ratio(name, median(ratios), "policies/none", "<= 1.15")
    flat = median(one[most, BOUND] / one[fewest, BOUND] for one in rounds)
    results.ratio(f"{name}.flat", flat, f"{most}/{fewest} tenants", "<= 1.2")


@dataclass
class Query:
    name: str
    text: str
    types: list

    @staticmethod
    def find(described, name, parts):
        """The one query with these parts."""
        found = [one for one in described if all(part in " ".join(one["query"].split()) for part in parts)]
        if len(found) != 1:
            sys.exit(f"{len(found)} queries of .sqlx are {name}: {parts}")
        return Query(name, " ".join(found[0]["query"].split()), found[0]["describe"]["parameters"]["Left"])

    def without_policies(self):
        """The same question, and what no policy adds to it any more."""
        text, types = self.text, list(self.types)
        for names, here, there in WRITTEN_OUT:
            if self.name.split(".")[0] in names:
                if here not in text:
                    sys.exit(f"{self.name} has no {here!r} any more: {text}")
                text = text.replace(here, there)
        if "{me}" in text:
            types.append("Uuid")
            text = text.replace("{me}", f"${len(types)}")
        return Query(self.name, text, types)

    def script(self, database, said, side, folder):
        """For pgbench: prepares the statement in its first transaction, and runs it in each."""
        arguments = [self.argument(number, said, database.values) for number in range(1, len(self.types) + 1)]
        query = self if side == BOUND else self.without_policies()
        arguments = ", ".join(arguments + [f"'{ADA}'"] * (len(query.types) - len(self.types)))
        types = ", ".join(kind.replace("Array", "[]") for kind in query.types)
        prepare, execute = f"prepare hot ({types}) as {query.text};", f"execute hot ({arguments});"
        lines = ["\\if :first", prepare, "\\set first 0", "\\endif", execute]
        with tempfile.NamedTemporaryFile("w", suffix=".sql", dir=folder, delete=False) as file:
            file.write("\n".join(lines) + "\n")
        return file.name

    def argument(self, number, said, values):
        kind = self.types[number - 1]
        usual = "'{tenant}'" if kind == "Uuid" and number == 1 else "'{document}'" if kind == "Uuid" else USUAL.get(kind, "null")
        if kind == "Int8" and f"limit ${number}" not in self.text:
            usual = "null"
        return re.sub(r"\{([a-z_0-9]+)\}", lambda name: values.get(name[1], name[0]), said.get(number, usual))


@dataclass
class Database:
    name: str
    # What the measured tenant has, by the names of VALUES.
    values: dict


@dataclass
class Turn:
    """One side in one database, with a connection for each turn."""

    postgres: "Postgres"
    database: Database
    size: int
    side: str
    script: str

    @property
    def key(self):
        return self.size, self.side

    def calibrate(self):
        """How many calls fill a turn. It also brings into memory what they read."""
        calls = 20
        while (seconds := self.least(calls)) < TURN / 4:
            calls *= 4
        return max(20, int(calls * TURN / seconds))

    def least(self, calls):
        """Seconds of so many calls, the better of two: a turn that is too short, as one call waited for a file, takes no tick."""
        return min(self.run(calls, wall=True) for _ in range(2))

    def run(self, calls, wall=False):
        """Microseconds of CPU for each call; or the seconds of all."""
        before = tree_cpu(self.postgres.pid)
        command = [self.postgres.pgbench, "-n", "-M", "simple", "-c", "1", "-t", str(calls), "-D", "first=1", "-f", self.script]
        # Production sets the tenant and the person for each transaction; here they are set for the session, so that the
        # query alone is measured. What asks for it is a part of the policies, and is.
        options = {"PGOPTIONS": f"-c app.tenant_id={ACME} -c app.account_id={ADA} -c client_min_messages=warning"}
        ran = self.postgres.run(command, self.database.name, self.side, options)
        if wall:
            return calls * float(re.search(r"latency average = ([\d.]+) ms", ran)[1]) / 1e3
        # A process is counted when it has ended, and pgbench does not wait for that.
        self.postgres.wait_until_quiet(self.database.name)
        return (tree_cpu(self.postgres.pid) - before) / calls * 1e6


class Postgres:
    """The one of this run."""

    def __init__(self, superuser, programs):
        self.address = urlsplit(superuser)
        self.psql, self.pgbench = need(programs / "psql", "psql"), need(programs / "pgbench", "pgbench")
        # The first line of this file is the number of the process that all others of the database are children of.
        self.pid = int(self.ask("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)", "postgres"))

    def share_one_cpu(self):
        """Ours and that of every process of the database from here on, if we may say so."""
        with contextlib.suppress(PermissionError):
            cpus = {max(os.sched_getaffinity(0))}
            os.sched_setaffinity(self.pid, cpus)
            os.sched_setaffinity(0, cpus)

    def version(self):
        return self.ask("show server_version", "postgres")

    def make_template(self):
        """The roles, and a database with the schema, in the order of a real installation."""
        self.sql("postgres", "-f", ROOT / "migrations" / "setup" / "roles.sql")
        self.sql("postgres", "-c", f"alter role {BOUND} password '{ROLE_PASSWORD}'")
        self.sql("postgres", "-c", f"create role {UNBOUND} login bypassrls password '{ROLE_PASSWORD}'")
        self.sql("postgres", "-c", f"create database {TEMPLATE} owner sheaf_owner encoding 'UTF8'")
        self.sql(TEMPLATE, "-c", "alter schema public owner to sheaf_owner")
        for migration in sorted((ROOT / "migrations").glob("*.sql")):
            self.sql(TEMPLATE, "-1", "-c", "set role sheaf_owner", "-f", migration)
        self.sql(TEMPLATE, "-c", f"grant usage on schema public to {UNBOUND}")
        self.sql(TEMPLATE, "-c", f"grant select on all tables in schema public to {UNBOUND}")

    def make(self, tenants):
        name = f"{TEMPLATE}_{tenants}"
        self.sql("postgres", "-c", f"create database {name} template {TEMPLATE}")
        settings = {"giant": ACME, "tenants": tenants, "of_giant": DOCUMENTS, "of_others": DOCUMENTS_OF_OTHERS}
        options = {"PGOPTIONS": " ".join(f"-c rows.{key}={value}" for key, value in settings.items())}
        acme = f"""
            insert into tenant (tenant_id, name, created_at) values ('{ACME}', 'Acme', now());
            insert into account (id, email, name, password_hash, created_at) values ('{ADA}', 'ada@acme.example', 'Ada', '', now());
            insert into membership (tenant_id, account_id, role, created_at) values ('{ACME}', '{ADA}', 'owner', now())"""
        self.sql(name, "-1", "-c", acme, "-f", Path(__file__).with_name("rows.sql"), options=options)
        self.sql(name, "-c", "vacuum (analyze)", "-c", "checkpoint")
        return Database(name, {"tenant": ACME} | {key: self.value(name, question) for key, question in VALUES.items()})

    def value(self, database, question):
        value = self.ask(f"select ({question.replace('{tenant}', ACME)})::text", database)
        return value or sys.exit(f"{database} has nothing for: {question}")

    @staticmethod
    def wait_until_quiet(database):
        """Until no process serves a database. To ask Postgres would take CPU of its own."""
        while any(f" {database} " in title for title in titles()):
            time.sleep(0.002)

    def ask(self, question, database):
        return self.sql(database, "-A", "-t", "-c", question).strip()

    def sql(self, database, *arguments, options=None):
        return self.run([self.psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", *arguments], database, "postgres", options)

    def run(self, command, database, role, options=None):
        environment = os.environ | {
            "PGHOST": self.address.hostname,
            "PGPORT": str(self.address.port),
            "PGUSER": self.address.username if role == "postgres" else role,
            "PGPASSWORD": (self.address.password or "") if role == "postgres" else ROLE_PASSWORD,
            "PGDATABASE": database,
        }
        ran = subprocess.run(command, env=environment | (options or {}), capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            sys.exit(f"{Path(command[0]).name} ended with {ran.returncode} in {database}: {ran.stderr}")
        return ran.stdout


def titles():
    """Those of all processes; a Postgres that serves a client says in it whom and which database."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield file.read_text(errors="replace")


if __name__ == "__main__":
    main()
