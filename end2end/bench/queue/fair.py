"""Whether the queue is fair: a tenant with 100,000 jobs, beside 50 others with one a second each, on 16 slots.

Three things, ten times each in turn: how long the others wait; what all of it costs in throughput, beside the same jobs in the
lane of one tenant, which is first in, first out; and how near the time of workers of two tenants, both with too much to do,
comes to their weights, though the jobs of one are four times as long. Every run has to pass.
"""

import os
import time
from contextlib import ExitStack

from bench import Bench, median
from fleet import Postgres, percentile, programs, sheaf

RUNS = int(os.environ.get("SHEAF_BENCH_ROUNDS", "10"))

SLOTS = 16
# Of a run, in seconds; and of work before it, after which the slots are full.
SECONDS = 15
LEAD = 2

BACKLOG = 100_000
OTHERS = 50
# How long a job takes, in milliseconds.
NAP = 80

# The two that share: their weights, and how long their jobs take.
WEIGHTS = (1, 2)
NAPS = (40, 160)
# More than all slots can do in a run, of the shorter ones alone.
SHARED_BACKLOG = 10_000

# Whose a job is, in what the worker tells.
NOISY, OTHER = 0, 1


def main():
    postgres = Postgres()
    postgres.make_template()
    results = Bench("fair", postgres=postgres.version(), fsync=False, runs=RUNS, slots=SLOTS, seconds=SECONDS, nap=NAP)
    with ExitStack() as stack:

        def lanes(name, weights):
            database = stack.enter_context(postgres.sheaf(name, weights))
            return Lanes(postgres, database, *stack.enter_context(programs(*sheaf(postgres, database))))

        noisy = lanes("bench_fair", (1,) * (1 + OTHERS))
        fifo = lanes("bench_fifo", (1,))
        shared = lanes("bench_share", WEIGHTS)
        runs = [one_run(results, number, noisy, fifo, shared) for number in range(1, RUNS + 1)]
    report(results, runs)
    results.write()


def one_run(results, number, noisy, fifo, shared):
    waits, rate = beside_a_backlog(noisy, others_from=2, others=OTHERS)
    _, fifo_rate = beside_a_backlog(fifo, others_from=1, others=1)
    run = {
        "p50": percentile(waits, 0.5),
        "p95": percentile(waits, 0.95),
        "p99": percentile(waits, 0.99),
        "rate": rate,
        "fifo": fifo_rate,
        "throughput": rate / fifo_rate,
        "share": share_error(shared),
    }
    for name, unit in (("p95", "ms"), ("p99", "ms"), ("throughput", "of FIFO"), ("share", "error")):
        results.figure(f"run.{number}.{name}", run[name], unit)
    return run


def report(results, runs):
    def figure(name, unit):
        results.figure(name, median(run[name] for run in runs), unit)

    figure("p50", "ms, the others")
    figure("p95", "ms, the others")
    figure("p99", "ms, the others")
    figure("rate", "jobs/s")
    figure("fifo", "jobs/s")
    results.ratio("p95", max(run["p95"] for run in runs), "ms, worst run", "<= 250")
    results.ratio("p99", max(run["p99"] for run in runs), "ms, worst run", "<= 1000")
    results.ratio("throughput", min(run["throughput"] for run in runs), "of FIFO, worst run", ">= 0.9")
    results.ratio("share", max(run["share"] for run in runs), "error, worst run", "<= 0.1")


def beside_a_backlog(lanes, others_from, others):
    """Milliseconds that each job of the others waited, and how many jobs a second ran of all."""
    lanes.fill(tenant=1, jobs=BACKLOG, group=NOISY, nap=NAP)
    lanes.start()
    enqueued = lanes.enqueuer.ask(
        "steady", rate=OTHERS, seconds=SECONDS, tenant=others_from, tenants=others, group=OTHER, nap=NAP
    )["jobs"]
    ran = lanes.taken(OTHER)
    rate = ran["jobs"] / ran["seconds"]
    # The last ones were enqueued a moment ago.
    time.sleep(LEAD)
    waits = ran["waits"] + lanes.stop(OTHER)["waits"]
    # What did not run at all has waited for as long as it could.
    return waits + [(SECONDS + LEAD) * 1e3] * (enqueued - len(waits)), rate


def share_error(lanes):
    """By how much of its share of the time of workers a tenant has more or less than its weight says."""
    for number, nap in enumerate(NAPS, 1):
        lanes.fill(tenant=number, jobs=SHARED_BACKLOG, group=number - 1, nap=nap)
    lanes.start()
    time.sleep(SECONDS)
    worked = lanes.taken(NOISY)["worked"]
    lanes.stop(NOISY)
    shares = [(mine / sum(worked), weight / sum(WEIGHTS)) for mine, weight in zip(worked, WEIGHTS, strict=True)]
    return max(abs(share / due - 1) for share, due in shares)


class Lanes:
    """A database with some tenants, and who enqueues and works in it."""

    def __init__(self, postgres, database, enqueuer, worker):
        self.postgres, self.database, self.enqueuer, self.worker = postgres, database, enqueuer, worker
        self.began = 0.0

    def fill(self, tenant, jobs, **words):
        """Until so many jobs of the tenant wait."""
        whose = f"right(tenant_id::text, 12) = lpad(to_hex({tenant}), 12, '0')"
        left = self.postgres.ask(self.database, f"select count(*) from job where state <> 'done' and {whose}")
        missing = jobs - int(left)
        if missing > 0:
            self.enqueuer.ask("bulk", jobs=missing, tenant=tenant, **words)
            self.postgres.tidy(self.database)

    def start(self):
        self.worker.ask("start", slots=SLOTS)
        time.sleep(LEAD)
        self.taken(NOISY)

    def taken(self, group):
        return self.told(group, self.worker.ask("taken"))

    def stop(self, group):
        return self.told(group, self.worker.ask("stop", jobs=0))

    def told(self, group, ran):
        """What ran since it was asked last: the waits of one group, and the time of workers of both."""
        began, self.began = self.began, time.monotonic()
        worked = [0.0, 0.0]
        for of, seconds in zip(ran["groups"], ran["worked"], strict=True):
            worked[of] += seconds
        waits = [wait for of, wait in zip(ran["groups"], ran["waits"], strict=True) if of == group]
        return {"jobs": ran["jobs"], "seconds": self.began - began, "waits": waits, "worked": worked}


if __name__ == "__main__":
    main()
