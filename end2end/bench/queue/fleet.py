"""What the benchmarks of the queue share: the servers of this run, and programs that enqueue and work as they are told."""

import json
import os
import re
import select
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench import ROOT, need, tree_cpu

HERE = Path(__file__).resolve().parent
SHEAF = Path(os.environ["CARGO_TARGET_DIR"]) / "release" / "examples" / "queue_bench"
APALIS = Path(os.environ["CARGO_TARGET_DIR"]) / "bench-queue" / "release" / "bench-apalis"

# Of the roles, in a cluster that lives as long as this run.
ROLE_PASSWORD = "bench"
TEMPLATE = "sheaf_bench_queue"

# Batches that are written together are written a moment after the last job has run. Idle processes take next to nothing.
SETTLE = 1.0

# For one command, in seconds; no command of these benchmarks takes a tenth of it.
PATIENCE = 900


class Program:
    """A process that takes a line of JSON and answers with one. Sheaf's, and those of its peers."""

    def __init__(self, command, environment):
        need(Path(command[0]), "a program of this benchmark")
        self.name = Path(command[-1]).name
        self.process = subprocess.Popen(
            command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.pid = self.process.pid
        self.settings = self.answer()["settings"]

    def ask(self, do, **words):
        self.tell(do, **words)
        return self.answer()

    def tell(self, do, **words):
        self.process.stdin.write(json.dumps({"do": do, **words}) + "\n")

    def answer(self):
        # Whole lines alone are written, one for each command, so none can be in the buffer of a line before.
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            sys.exit(f"{self.name} did not answer within {PATIENCE} seconds")
        line = self.process.stdout.readline()
        return json.loads(line) if line else sys.exit(f"{self.name} ended with {self.process.wait()}")

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def programs(*started):
    """They end with the block."""
    try:
        yield started
    finally:
        for one in started:
            one.close()


class Cpu:
    """CPU seconds of some processes and all of their children, from now on."""

    def __init__(self, *pids):
        self.pids = pids
        self.before = self.sum()

    def taken(self):
        return self.sum() - self.before

    def sum(self):
        return sum(tree_cpu(pid) for pid in self.pids)


class Postgres:
    """The one of this run."""

    def __init__(self):
        if "SHEAF_TEST_DATABASE_URL" not in os.environ:
            sys.exit("run this under scripts/with-servers, which starts Postgres")
        self.address = urlsplit(os.environ["SHEAF_TEST_DATABASE_URL"])
        self.psql = need(Path(os.environ["SHEAF_TEST_POSTGRES_BIN"]) / "psql", "psql")
        # The first line of this file is the number of the process that all others of the database are children of.
        self.pid = int(self.ask("postgres", "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"))

    def version(self):
        return self.ask("postgres", "show server_version")

    def make_template(self):
        """The roles, and a database with Sheaf's schema, in the order of a real installation."""
        self.sql("postgres", "-f", ROOT / "migrations" / "setup" / "roles.sql")
        for role in ("sheaf_app", "sheaf_worker"):
            self.sql("postgres", "-c", f"alter role {role} password '{ROLE_PASSWORD}'")
        self.sql("postgres", "-c", f"create database {TEMPLATE} owner sheaf_owner encoding 'UTF8'")
        self.sql(TEMPLATE, "-c", "alter schema public owner to sheaf_owner")
        for migration in sorted((ROOT / "migrations").glob("*.sql")):
            self.sql(TEMPLATE, "-1", "-c", "set role sheaf_owner", "-f", migration)

    @contextmanager
    def database(self, name, template="template1"):
        """A fresh database, for as long as the block lasts."""
        self.sql("postgres", "-c", f"create database {name} template {template}")
        try:
            yield name
        finally:
            self.sql("postgres", "-c", f"drop database {name} with (force)")

    @contextmanager
    def sheaf(self, name, weights=(1,)):
        """A fresh database of Sheaf's with as many tenants, each with a lane of this weight and no other limits."""
        rows = ", ".join(f"({number}, {weight})" for number, weight in enumerate(weights, 1))
        of_tenant = "('00000000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid"
        fill = f"""
            create temporary table bench as select {of_tenant} as id, number, weight from (values {rows}) as t (number, weight);
            insert into tenant (tenant_id, name, created_at) select id, 'Tenant ' || number, now() from bench;
            insert into job_lane (tenant_id, kind, weight, max_running, max_waiting)
                select id, 'bench', weight, 1000000, 100000000 from bench"""
        with self.database(name, TEMPLATE):
            self.sql(name, "-c", fill)
            yield name

    def tidy(self, database):
        """What autovacuum would do some time or other, and then at another's cost."""
        self.sql(database, "-c", "vacuum (analyze)", "-c", "checkpoint")

    def dead(self, database, table):
        """Rows of the table that nobody sees any more and that are not removed yet, as Postgres counts them."""
        return int(self.ask(database, f"select n_dead_tup from pg_stat_user_tables where relname = '{table}'"))

    def url(self, database, role=None):
        """As a role of Sheaf's, or as the superuser."""
        who = f"{role}:{ROLE_PASSWORD}" if role else f"{self.address.username}:{self.address.password}"
        return f"postgres://{who}@{self.address.hostname}:{self.address.port}/{database}"

    def ask(self, database, question):
        return self.sql(database, "-A", "-t", "-c", question).strip()

    def sql(self, database, *arguments):
        command = [self.psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


class Redis:
    """The one of this run."""

    def __init__(self):
        self.url = os.environ["SHEAF_TEST_REDIS_URL"]
        self.pid = int(re.search(r"process_id:(\d+)", self.ask("INFO server"))[1])

    def version(self):
        return re.search(r"redis_version:(\S+)", self.ask("INFO server"))[1]

    def empty(self):
        self.ask("FLUSHALL")

    def ask(self, command):
        """What fits into one answer of some thousand bytes."""
        address = urlsplit(self.url)
        with socket.create_connection((address.hostname, address.port), timeout=30) as one:
            one.sendall(f"{command}\r\n".encode())
            time.sleep(0.1)
            return one.recv(65536).decode()


def sheaf(postgres, database):
    """Who enqueues, and who works."""
    return tuple(Program([SHEAF], {"DATABASE_URL": postgres.url(database, role)}) for role in ("sheaf_app", "sheaf_worker"))


def percentile(values, part):
    """Of at least one value: the one that this part of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
