"""What all benchmarks share: counting CPU, taking turns, and saying what came out.

The figure is CPU per unit of work, over all processes that served it; wall-clock stands beside it.
"""

import contextlib
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The program that is measured: the optimised one, or the one that is named.
SHEAF = Path(os.environ.get("SHEAF_BENCH_BINARY") or Path(os.environ["CARGO_TARGET_DIR"]) / "release" / "sheaf")

# prctl(2): orphans of our children become our children, so that their CPU is counted too.
PR_SET_CHILD_SUBREAPER = 36

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """What something took, in seconds."""

    cpu: float
    wall: float


class Bench:
    """Collects figures, prints each as a line, and writes all of them as JSON at the end."""

    def __init__(self, name, **conditions):
        self.name = name
        self.figures = []
        self.conditions = {
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "commit": commit(),
            "profile": "as named" if os.environ.get("SHEAF_BENCH_BINARY") else "release",
            **conditions,
        }
        print(f"{name}: {json.dumps(self.conditions)}", flush=True)

    def figure(self, name, value, unit):
        """A measured value."""
        self.add({"name": name, "value": rounded(value), "unit": unit})

    def ratio(self, name, value, unit, goal):
        """A value with a goal, such as "<= 0.5" or ">= 15"."""
        relation, bound = goal.split()
        met = value <= float(bound) if relation == "<=" else value >= float(bound)
        self.add({"name": f"ratio.{name}", "value": rounded(value), "unit": unit, "goal": goal, "met": met})

    def add(self, figure):
        self.figures.append(figure)
        goal = ""
        if "goal" in figure:
            goal = f"   goal {figure['goal']}: {'met' if figure['met'] else 'NOT MET'}"
        print(f"{self.name}  {figure['name']:<28} {figure['value']:>10} {figure['unit']}{goal}", flush=True)

    def write(self):
        """Into bench-results/<name>.json."""
        folder = ROOT / "bench-results"
        folder.mkdir(exist_ok=True)
        result = {"bench": self.name, "conditions": self.conditions, "figures": self.figures}
        (folder / f"{self.name}.json").write_text(json.dumps(result, indent=2) + "\n")


def run(command, **options):
    """Runs a command to its end and returns its cost, with that of every process it started; fails if it fails."""
    adopt_orphans()
    others = children()
    before, started = children_cpu(), time.perf_counter()
    process = subprocess.Popen(command, **options)
    process.wait()
    wall = time.perf_counter() - started
    reap_orphans(others)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Cost(children_cpu() - before, wall)


@contextlib.contextmanager
def serving(command, ready, **options):
    """A server for as long as the block lasts. `ready` is asked until it says so, for at most a minute."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        deadline = time.monotonic() + 60
        while not ready():
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {process.returncode} before it was ready")
            if time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} was not ready within a minute")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tree_cpu(pid):
    """CPU seconds of a living process and of all its descendants, those that ended included."""
    parents, cpu = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(entry.name)] = int(fields[1])
        # proc(5): utime, stime, and those of children that were waited for.
        cpu[int(entry.name)] = sum(map(int, fields[11:15])) / TICKS
    total, family = 0.0, {pid}
    while family:
        total += sum(cpu.get(one, 0.0) for one in family)
        family = {child for child, parent in parents.items() if parent in family}
    return total


def median(values):
    return statistics.median(values)


def adopt_orphans():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def reap_orphans(others):
    """Waits for what a command left behind, besides `others`: a browser's helpers end shortly after it."""
    deadline = time.monotonic() + 10
    while left := children() - others:
        if time.monotonic() > deadline:
            raise SystemExit("a process that a command started does not end")
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.001)


def children():
    """Our child processes, by their ids."""
    return set(map(int, Path("/proc/thread-self/children").read_text().split()))


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def commit():
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return described.stdout.strip() or "unknown"


def rounded(value):
    return float(f"{value:.4g}")


def need(path, what):
    """Ends with a sentence where something is missing."""
    if not path.exists():
        sys.exit(f"{what} is missing: {path}")
    return path
