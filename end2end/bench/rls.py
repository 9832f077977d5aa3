"""What row-level security costs: each hot query as the web server asks it, beside the same query without policies; and what
it costs among ever more tenants. Run it under scripts/with-servers.

The statements are those of `.sqlx`, where the compiler has written the queries of the stores. Both sides name the tenant in
their condition, as the stores do. The side without policies is a role like the web server's that no policy binds; where a
query asks the view that filters by itself, that side asks the table behind it.

The figure is CPU of the database for each query, in a session that is open already and has prepared its statement.
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

ROUNDS = 5
# A turn of one side, in seconds: long enough for a clock that ticks a hundred times a second.
TURN = 0.4

# Of the roles, in a cluster that lives as long as this run.
ROLE_PASSWORD = "bench"
TEMPLATE = "sheaf_bench_rls"

# The two sides. What a role may do is looked up for each query on either, which a superuser would be spared.
BOUND, UNBOUND = "sheaf_app", "sheaf_bench_unbound"

ACME = "00000000-0000-7000-8000-000000000001"
ADA = "00000000-0000-7000-8000-000000000002"

LIST = "d.created_at, d.trashed_at from document d"

# Each hot query: its name, the parts that only it has, and its parameters where they are not the usual ones of their type.
# {name} stands for one of VALUES.
HOT = [
    ("list", (LIST, "$7::timestamptz", "desc limit"), {}),
    ("list.later", (LIST, "$7::timestamptz", "desc limit"), {7: "'{created_at}'", 8: "'{document}'"}),
    ("list.trash", (LIST, "$7::timestamptz", "desc limit"), {2: "true"}),
    ("list.since", (LIST, "$7::timestamptz", "asc limit"), {5: "current_date - 30"}),
    ("list.by_name", (LIST, "$7::text is null", "asc limit"), {}),
    ("list.by_name.later", (LIST, "$7::text is null", "asc limit"), {7: "'invoice5'", 8: "'{document}'"}),
    ("list.by_size", (LIST, "$7::int8", "desc limit"), {}),
    ("count", ("select (select count(*) from document where",), {2: f"'{ADA}'"}),
    ("document", ("from document d join account a",), {}),
    ("documents", ("from document where tenant_id = $1 and id = any ($2)", "id: DocumentId"), {}),
    ("same_bytes", ("and sha256 = $2",), {}),
    ("page", ("select number, width, height, text, words",), {2: "'{page}'"}),
    ("pages_with", ("and tsv @@ $3",), {2: "'{page}'", 3: "'''leas'''"}),
    ("search", ("from searchable_page",), {2: "'''leas'' & ''sheaf_english'''", 6: "2000", 7: "200"}),
    ("reports", ("from report r join account a", "limit 100"), {2: "null"}),
    ("report", ("from report r join account a", "limit 100"), {2: "'{report}'"}),
    ("job", ("from job where tenant_id = $1 and id = $2", "is_cancelling"), {2: "'{job}'"}),
    ("undelivered", ("from mail where tenant_id = $1 and last_error is not null",), {}),
    ("session", ("from session s join account a", "join membership"), {1: "'{session}'", 2: "'{tenant}'", 3: "now()", 4: "0"}),
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
    """Microseconds of CPU for each query, by size and side: the median of rounds in which each has its turn."""
    calls = {turn.key: turn.calibrate() for turn in turns}
    rounds = [{turn.key: turn.run(calls[turn.key]) for turn in turns} for _ in range(ROUNDS)]
    return {turn.key: median(one[turn.key] for one in rounds) for turn in turns}


def report(results, name, cost):
    fewest, most = SIZES[0], SIZES[-1]
    for size in SIZES:
        results.figure(f"{name}.{size}", cost[size, BOUND], "us CPU")
    results.figure(f"{name}.plain", cost[most, UNBOUND], "us CPU")
    results.ratio(name, median(cost[s, BOUND] / cost[s, UNBOUND] for s in SIZES), "policies/none", "<= 1.15")
    results.ratio(f"{name}.flat", cost[most, BOUND] / cost[fewest, BOUND], f"{most}/{fewest} tenants", "<= 1.2")


@dataclass
class Query:
    text: str
    types: list

    @staticmethod
    def find(described, name, parts):
        """The one query with these parts."""
        found = [one for one in described if all(part in " ".join(one["query"].split()) for part in parts)]
        if len(found) != 1:
            sys.exit(f"{len(found)} queries of .sqlx are {name}: {parts}")
        return Query(found[0]["query"], found[0]["describe"]["parameters"]["Left"])

    def script(self, database, said, side, folder):
        """For pgbench: prepares the statement in its first transaction, and runs it in each."""
        arguments = ", ".join(self.argument(number, said, database.values) for number in range(1, len(self.types) + 1))
        types = ", ".join(kind.replace("Array", "[]") for kind in self.types)
        text = self.text if side == BOUND else self.text.replace("searchable_page", "page")
        lines = ["\\if :first", f"prepare hot ({types}) as {text};", "\\set first 0", "\\endif", f"execute hot ({arguments});"]
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
        while (seconds := self.run(calls, wall=True)) < TURN / 4:
            calls *= 4
        return max(20, int(calls * TURN / seconds))

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
