"""The queue, beside apalis-postgres, BullMQ, Graphile Worker and pg-boss: CPU for each job, and jobs for each second, of
enqueuing one by one, enqueuing in bulk, running jobs that do nothing, and how soon an idle worker picks one up.

Run it under scripts/with-servers: BullMQ asks its Redis and all others its Postgres, each in a fresh database each round.
Each is set up as its own documentation says for throughput, with the same settings throughout; the conditions tell them. The
CPU is that of the process at work and of its whole server; what enqueues and what works are two processes, except where both
are at work: there the CPU is of all.
"""

import os
import platform
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import Bench, median
from fleet import APALIS, HERE, SETTLE, Cpu, Postgres, Program, Redis, percentile, programs, sheaf

ROUNDS = int(os.environ.get("SHEAF_BENCH_ROUNDS", "3"))
# A smaller part of the work shows that the benchmark works.
PART = float(os.environ.get("SHEAF_BENCH_PART", "1"))
# Some of the contestants, by their names.
ONLY = os.environ.get("SHEAF_BENCH_ONLY", "").split()

# CPU is counted in hundredths of a second: enough jobs for a second of it, and a round trip for each.
ONE_BY_ONE = int(5_000 * PART)
BULK = int(100_000 * PART)
# Jobs before the first that counts, enqueued and run by the same processes: V8 compiles what is hot as it goes.
WARM_UP = int(20_000 * PART)
# In one statement, command or transaction.
BATCH = 1_000

# The idle fleet: jobs for each second, one by one, and for how many seconds.
RATE = 100
SECONDS = 20 * PART

# The peers need a newer Node.js than Sheaf's build does, so theirs is one of their packages.
PROCESSOR = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
NODE = HERE / "node" / "node_modules" / f"node-linux-{PROCESSOR}" / "bin" / "node"


@dataclass
class Contestant:
    name: str
    command: list
    environment: dict = field(default_factory=dict)

    @contextmanager
    def started(self, postgres, _redis):
        """Who enqueues, who works, the server's process, and what tidies up in it."""
        database = f"bench_{self.name.replace('.', '_')}"
        with postgres.database(database):
            url = {"DATABASE_URL": postgres.url(database)}
            with programs(*(Program(self.command, url | self.environment) for _ in range(2))) as (enqueuer, worker):
                yield enqueuer, worker, postgres.pid, lambda: postgres.tidy(database)


class Sheaf(Contestant):
    @contextmanager
    def started(self, postgres, _redis):
        with postgres.sheaf("bench_sheaf") as database, programs(*sheaf(postgres, database)) as (enqueuer, worker):
            yield enqueuer, worker, postgres.pid, lambda: postgres.tidy(database)


class Apalis(Contestant):
    """Its first migrations ask for pgcrypto, which its later ones do without and this Postgres does not have: there they find
    an extension of that name with nothing in it."""

    @contextmanager
    def started(self, postgres, redis):
        with tempfile.TemporaryDirectory() as folder:
            extensions = Path(folder) / "extension"
            extensions.mkdir()
            (extensions / "pgcrypto.control").write_text("default_version = '1.0'\n")
            (extensions / "pgcrypto--1.0.sql").write_text("")
            # Postgres may run as another user.
            Path(folder).chmod(0o755)
            extend = f"alter system set extension_control_path = '$system:{folder}'"
            postgres.sql("template1", "-c", extend, "-c", "select pg_reload_conf()")
            with super().started(postgres, redis) as parts:
                yield parts


class BullMq(Contestant):
    @contextmanager
    def started(self, _postgres, redis):
        redis.empty()
        url = {"REDIS_URL": redis.url}
        with programs(*(Program(self.command, url | self.environment) for _ in range(2))) as (enqueuer, worker):
            yield enqueuer, worker, redis.pid, lambda: None


def peer(name):
    return [NODE, HERE / "node" / "program.js", name]


# Where it is not plain which settings are the best, a peer races with each, and the better one counts.
CONTESTANTS = [
    Sheaf("sheaf", []),
    Apalis("apalis.200", [APALIS], {"BATCH": "200", "CONCURRENCY": "500"}),
    Apalis("apalis.1000", [APALIS], {"BATCH": "1000", "CONCURRENCY": "1000"}),
    BullMq("bullmq", peer("bullmq")),
    Contestant("graphile.500", peer("graphile"), {"BATCH": "500", "CONCURRENCY": "24"}),
    Contestant("graphile.2000", peer("graphile"), {"BATCH": "2000", "CONCURRENCY": "100"}),
    Contestant("pg_boss", peer("pg_boss")),
    Contestant("pg_boss.per_job", peer("pg_boss"), {"PER_JOB": "yes"}),
]


@dataclass
class Round:
    """Of one contestant. CPU in microseconds for each job, rates in jobs for each second, waits in milliseconds."""

    one_cpu: float
    one_rate: float
    bulk_cpu: float
    bulk_rate: float
    drain_cpu: float
    drain_server_cpu: float
    drain_rate: float
    pick_up_cpu: float
    pick_up_p50: float
    pick_up_p99: float


FIGURES = [
    ("one", "one_cpu", "us CPU/job"),
    ("one.rate", "one_rate", "jobs/s"),
    ("bulk", "bulk_cpu", "us CPU/job"),
    ("bulk.rate", "bulk_rate", "jobs/s"),
    ("drain", "drain_cpu", "us CPU/job"),
    ("drain.server", "drain_server_cpu", "us CPU/job"),
    ("drain.rate", "drain_rate", "jobs/s"),
    ("pick_up", "pick_up_cpu", "us CPU/job"),
    ("pick_up.p50", "pick_up_p50", "ms"),
    ("pick_up.p99", "pick_up_p99", "ms"),
]


def main():
    postgres, redis = Postgres(), Redis()
    postgres.make_template()
    contestants = [one for one in CONTESTANTS if not ONLY or one.name in ONLY]
    versions = {"postgres": postgres.version(), "redis": redis.version()}
    results = Bench("queue", **versions, fsync=False, rounds=ROUNDS, jobs=BULK, batch=BATCH)
    rounds = {one.name: [] for one in contestants}
    for _ in range(ROUNDS):
        for contestant in contestants:
            rounds[contestant.name].append(one_round(results, contestant, postgres, redis))
    report(results, {name: summary(of_name) for name, of_name in rounds.items()})
    results.write()


def one_round(results, contestant, postgres, redis):
    with contestant.started(postgres, redis) as (enqueuer, worker, server, tidy):
        tell_settings(results, contestant, worker)
        warm_up(enqueuer, worker, tidy)
        cpu = Cpu(enqueuer.pid, server)
        one = enqueuer.ask("one", jobs=ONE_BY_ONE)["seconds"]
        one_cpu = settled(cpu)
        worker.ask("drain", jobs=ONE_BY_ONE)
        tidy()
        cpu = Cpu(enqueuer.pid, server)
        bulk = enqueuer.ask("bulk", jobs=BULK, batch=BATCH)["seconds"]
        bulk_cpu = settled(cpu)
        tidy()
        cpu, server_cpu = Cpu(worker.pid, server), Cpu(server)
        drain = worker.ask("drain", jobs=BULK)["seconds"]
        drain_cpu, drain_server_cpu = settled(cpu), server_cpu.taken()
        if left := worker.ask("left")["jobs"]:
            raise SystemExit(f"{contestant.name} left {left} jobs undone")
        tidy()
        cpu = Cpu(enqueuer.pid, worker.pid, server)
        waits = pick_up(contestant, enqueuer, worker)
        pick_up_cpu = settled(cpu)
    return Round(
        one_cpu=one_cpu / ONE_BY_ONE * 1e6,
        one_rate=ONE_BY_ONE / one,
        bulk_cpu=bulk_cpu / BULK * 1e6,
        bulk_rate=BULK / bulk,
        drain_cpu=drain_cpu / BULK * 1e6,
        drain_server_cpu=drain_server_cpu / BULK * 1e6,
        drain_rate=BULK / drain,
        pick_up_cpu=pick_up_cpu / len(waits) * 1e6,
        pick_up_p50=percentile(waits, 0.5),
        pick_up_p99=percentile(waits, 0.99),
    )


def warm_up(enqueuer, worker, tidy):
    enqueuer.ask("one", jobs=WARM_UP // 20)
    enqueuer.ask("bulk", jobs=WARM_UP, batch=BATCH)
    tidy()
    worker.ask("drain", jobs=WARM_UP // 20 + WARM_UP)
    tidy()


def pick_up(contestant, enqueuer, worker):
    """Milliseconds that each job waited, from before it was written until it ran."""
    worker.ask("start")
    time.sleep(SETTLE)
    jobs = enqueuer.ask("steady", rate=RATE, seconds=SECONDS)["jobs"]
    waits = worker.ask("stop", jobs=jobs)["waits"]
    if len(waits) != jobs:
        raise SystemExit(f"{contestant.name} ran {len(waits)} of {jobs} jobs")
    return waits


def settled(cpu):
    time.sleep(SETTLE)
    return cpu.taken()


def tell_settings(results, contestant, program):
    """Once, beside the other conditions."""
    told = results.conditions.setdefault("settings", {})
    if contestant.name not in told:
        told[contestant.name] = program.settings
        print(f"queue  {contestant.name} runs with {program.settings}", flush=True)


def summary(rounds):
    """The median of each figure."""
    return Round(**{name: median(getattr(one, name) for one in rounds) for name in Round.__dataclass_fields__})


def report(results, summaries):
    for name, one in summaries.items():
        for figure, attribute, unit in FIGURES:
            results.figure(f"{name}.{figure}", getattr(one, attribute), unit)
    ours, peers = summaries.pop("sheaf", None), summaries.values()
    if ours is None:
        return
    if peers:
        results.ratio("drain", ours.drain_cpu / min(one.drain_cpu for one in peers), "sheaf/best peer", "<= 0.5")
    results.ratio("drain.cpu", ours.drain_cpu, "us CPU/job", "<= 25")
    results.ratio("drain.rate", ours.drain_rate, "jobs/s", ">= 5000")
    results.ratio("bulk.rate", ours.bulk_rate, "jobs/s", ">= 20000")
    results.ratio("pick_up.p99", ours.pick_up_p99, "ms", "<= 50")


if __name__ == "__main__":
    main()
