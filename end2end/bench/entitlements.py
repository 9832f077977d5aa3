"""What an upload takes longer for being checked against its plan: credits set aside and bytes counted, in its transaction, with
100 who write to one workspace at once.

Both ways in turn: a transaction like that of an upload, with and without. To know the plan is to
take a millisecond at most, from the copy that each process keeps for ten seconds. At a rate that the machine has time for, the goal is
that the slowest hundredth is no more than 5 ms slower, and that the statement itself takes no longer. Then as many as they can:
all uploads of a workspace wait for each other for its audit log, with a plan or without, so what is in a transaction besides
makes fewer of them fit into a second. That is shown, and has no goal.
"""

import os
from contextlib import contextmanager
from pathlib import Path

from bench import Bench, median
from fleet import Postgres, Program, percentile

ROUNDS = int(os.environ.get("SHEAF_BENCH_ROUNDS", "5"))

# Of a turn, in seconds.
SECONDS = float(os.environ.get("SHEAF_BENCH_SECONDS", "10"))

# Uploads each second of all writers together.
RATE = 100

HELPER = Path(os.environ["CARGO_TARGET_DIR"]) / "release" / "examples" / "entitlements_bench"

# Enough of both, in a month that goes on.
PLAN = """
    update subscription set plan = 'enterprise', status = 'active', period_start = now(), period_end = now() + interval '1 month';
    update tenant_meter set period_start = now(), period_end = now() + interval '1 month', granted = 1000000000"""


def main():
    postgres = Postgres()
    postgres.make_template()
    results = Bench("entitlements", postgres=postgres.version(), fsync=False, rounds=ROUNDS, seconds=SECONDS, rate=RATE)
    with uploads(postgres) as program:
        program.ask("warm_up", metered=True, seconds=2, rate=RATE)
        paced = turns(program, RATE)
        rushed = turns(program, None)
    known = [time for turn in paced[True] for time in turn["known"]]
    results.figure("known.p50", percentile(known, 0.5), "ms")
    results.ratio("known.p99", percentile(known, 0.99), "ms", "<= 1")
    asked = [time for turn in paced[True] for time in turn["asked"]]
    results.figure("asked.p50", percentile(asked, 0.5), "ms")
    results.ratio("asked.p99", percentile(asked, 0.99), "ms", "<= 5")
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        with_plan, without = (median(percentile(turn["whole"], part) for turn in paced[way]) for way in (True, False))
        results.figure(f"without.{name}", without, "ms")
        results.figure(f"with.{name}", with_plan, "ms")
        if name == "p99":
            results.ratio("added.p99", with_plan - without, "ms", "<= 5")
        else:
            results.figure("added.p50", with_plan - without, "ms")
    for name, way in (("without", False), ("with", True)):
        results.figure(f"rush.{name}", median(len(turn["whole"]) / SECONDS for turn in rushed[way]), "uploads/s")
    results.write()


def turns(program, rate):
    """One way and the other, in turn, as many times each."""
    done = {False: [], True: []}
    for number in range(ROUNDS):
        for way in (False, True) if number % 2 == 0 else (True, False):
            done[way].append(program.ask("upload", metered=way, seconds=SECONDS, rate=rate))
    return done


@contextmanager
def uploads(postgres):
    """The program that uploads, on a database of its own."""
    with postgres.sheaf("bench_entitlements") as database:
        postgres.sql(database, "-c", PLAN)
        program = Program([HELPER], {"DATABASE_URL": postgres.url(database, "sheaf_app")})
        try:
            yield program
        finally:
            program.close()


if __name__ == "__main__":
    main()
