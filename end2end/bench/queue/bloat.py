"""What becomes of the queue while somebody holds a snapshot: 1,000 jobs a second, for some minutes without a transaction that
stays open and for as many with one, so that no dead row can be removed. By the minute, for the queue must not slow down.

The transaction is as a report or a backup has it: repeatable read, it has read something, and now does nothing.
"""

import os
import subprocess
import time
from contextlib import contextmanager

from bench import Bench, median
from fleet import Cpu, Postgres, percentile, programs, sheaf

MINUTES = int(os.environ.get("SHEAF_BENCH_MINUTES", "10"))
# Of a minute, in seconds. Shorter ones show that the benchmark works.
MINUTE = float(os.environ.get("SHEAF_BENCH_MINUTE", "60"))

# Transactions each second, and jobs in each.
RATE = 20
BATCH = 50
SLOTS = 100

# Tables whose rows are changed by each job.
TABLES = ("job", "job_lane")


def main():
    postgres = Postgres()
    postgres.make_template()
    results = Bench("bloat", postgres=postgres.version(), fsync=False, minutes=MINUTES, rate=RATE * BATCH)
    free = some_minutes(results, postgres, "free", nobody)
    held = some_minutes(results, postgres, "held", holder)
    for name, minutes in (("free", free), ("held", held)):
        results.figure(f"{name}.rate", median(minute["rate"] for minute in minutes), "jobs/s")
        results.figure(f"{name}.cpu", median(minute["cpu"] for minute in minutes), "us CPU/job")
    # The end is what it comes to: the slowest of the last third.
    last = max(1, MINUTES // 3)
    loss = 1 - min(minute["rate"] for minute in held[-last:]) / median(minute["rate"] for minute in free)
    results.ratio("loss", max(0.0, loss), "of throughput", "<= 0.1")
    cpu = median(minute["cpu"] for minute in held[-last:]) / median(minute["cpu"] for minute in free)
    results.figure("cpu", cpu, "held/free, at the end")
    results.ratio("dead", max(minute["dead"] for minute in held), "dead rows", "<= 10000")
    results.write()


def some_minutes(results, postgres, name, hold):
    minutes = []
    with postgres.sheaf(f"bench_{name}") as database, programs(*sheaf(postgres, database)) as (enqueuer, worker):
        # Some work before the first minute, so that the table is not empty when the snapshot is taken.
        enqueuer.ask("bulk", jobs=RATE * BATCH)
        worker.ask("drain", jobs=RATE * BATCH)
        with hold(postgres, database):
            worker.ask("start", slots=SLOTS)
            enqueuer.tell("steady", rate=RATE, batch=BATCH, seconds=MINUTES * MINUTE + 1)
            for number in range(1, MINUTES + 1):
                minutes.append(one_minute(postgres, database, enqueuer, worker))
                tell(results, f"{name}.{number}", minutes[-1])
            enqueuer.answer()
            worker.ask("stop", jobs=0)
    return minutes


def one_minute(postgres, database, enqueuer, worker):
    cpu, began = Cpu(enqueuer.pid, worker.pid, postgres.pid), time.monotonic()
    time.sleep(MINUTE)
    ran, took, spent = worker.ask("taken"), time.monotonic() - began, cpu.taken()
    if ran["jobs"] == 0:
        raise SystemExit("no job ran for a minute")
    dead = {table: postgres.dead(database, table) for table in TABLES}
    return {
        "rate": ran["jobs"] / took,
        "cpu": spent / ran["jobs"] * 1e6,
        "p99": percentile(ran["waits"], 0.99),
        "dead": sum(dead.values()),
        **{f"dead.{table}": rows for table, rows in dead.items()},
    }


def tell(results, name, minute):
    units = {"rate": "jobs/s", "cpu": "us CPU/job", "p99": "ms"}
    for figure, value in minute.items():
        results.figure(f"{name}.{figure}", value, units.get(figure, "rows"))


@contextmanager
def nobody(_postgres, _database):
    yield


@contextmanager
def holder(postgres, database):
    """A transaction with a snapshot, for as long as the block lasts."""
    command = [postgres.psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", postgres.url(database)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    process.stdin.write("begin isolation level repeatable read;\nselect count(*) from job;\n")
    if not process.stdout.readline().strip().isdigit():
        raise SystemExit("the transaction that was to stay open did not begin")
    try:
        yield
        open_ones = "pg_stat_activity where datname = current_database() and backend_xmin is not null"
        if postgres.ask(database, f"select count(*) from {open_ones} and state = 'idle in transaction'") == "0":
            raise SystemExit("the transaction did not stay open")
    finally:
        process.stdin.close()
        process.wait(timeout=30)


if __name__ == "__main__":
    main()
