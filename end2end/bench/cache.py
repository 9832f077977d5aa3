"""How long a kept answer takes: out of the memory of the process that asks, and out of Redis, where another process has left it.

One asks at a time, as a request does. The answers are pages of search results. Beside it stands the least that asking Redis costs: one
`GET` and reading its JSON, with nothing that tells a value which is no longer true, and nothing that has others wait for one who loads.
"""

import os
from pathlib import Path

from bench import Bench
from fleet import Program, Redis, percentile

ROUNDS = int(os.environ.get("SHEAF_BENCH_ROUNDS", "5"))

# Of a round: as many answers come from Redis, and ten times as many from memory.
VALUES = int(os.environ.get("SHEAF_BENCH_VALUES", "2000"))

HELPER = Path(os.environ["CARGO_TARGET_DIR"]) / "release" / "examples" / "cache_bench"

# By the name of a way, in microseconds; none for the peer.
GOALS = {"memory": "<= 20", "shared": "<= 1000", "bare": None}


def main():
    redis = Redis()
    program = Program([HELPER], {"REDIS_URL": redis.url})
    results = Bench("cache", redis=redis.version(), rounds=ROUNDS, values=VALUES, **program.settings)
    times = {way: [] for way in GOALS}
    try:
        program.ask("warm_up", values=VALUES)
        for _ in range(ROUNDS):
            answer = program.ask("ask", values=VALUES)
            for way, of_all in times.items():
                of_all.extend(answer[way])
    finally:
        program.close()
    for way, goal in GOALS.items():
        results.figure(f"{way}.p50", percentile(times[way], 0.5), "us")
        p99 = percentile(times[way], 0.99)
        results.ratio(f"{way}.p99", p99, "us", goal) if goal else results.figure(f"{way}.p99", p99, "us")
    results.write()


if __name__ == "__main__":
    main()
