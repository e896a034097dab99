"""`make bench-queue`: jobs without work through Refit and through Celery, in turn, on the same RabbitMQ and Redis.

Refit: probes put in by the API, a row in PostgreSQL (or SQLite) for each, claimed by one worker of two slots, done by its executor
children, until the database says that all have ended. Celery: `acks_late`, two processes, until all results are back. Prints one
line a run, where a single probe's time goes, and `bench:` lines with Refit's figure first; then what watching costs (watching.py).
Run by deploy/with-services.sh.
"""

import os
import statistics
import subprocess
import sys
import time

from installation import Corner, Refit
from provision import ROOT, provision
import watching

SITE = ROOT / ".bench" / "celery"
PINS = ROOT / "tests" / "bench" / "celery.txt"
JOBS, RUNS, SINGLES = 20_000, int(os.environ.get("REFIT_BENCH_RUNS", "3")), 300


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Celery:
    """Two worker processes, and a client in this process."""

    def __init__(self):
        self.corner = Corner()
        os.environ["BENCH_AMQP"], os.environ["BENCH_REDIS"] = self.corner.amqp, os.environ["REFIT_TEST_REDIS"]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path[:2])}
        worker = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--loglevel", "ERROR", "--without-gossip", "--without-mingle"]
        self.worker = subprocess.Popen(worker, env=environment, cwd=ROOT / "tests" / "bench", stdout=subprocess.DEVNULL)
        sys.modules.pop("celery_app", None)
        import celery_app

        self.app, self.nothing = celery_app.app, celery_app.nothing
        self.single()

    def single(self):
        self.nothing.delay().get(timeout=60)

    def many(self, jobs):
        from celery.result import ResultSet

        ResultSet([self.nothing.delay() for _ in range(jobs)], app=self.app).join_native(timeout=600)

    def stop(self):
        self.worker.terminate()
        self.worker.wait()
        self.app.close()
        self.corner.drop()


def compare(name, unit, ours, theirs, digits):
    print(f"bench: {name} {ours:.{digits}f} {unit}, Celery {theirs:.{digits}f} {unit}, ratio {ours / theirs:.2f}", flush=True)


def measured(name, side):
    """Jobs per second, and seconds of single ones, after a warm-up."""
    side.many(2_000)
    began = time.perf_counter()
    side.many(JOBS)
    rate = JOBS / (time.perf_counter() - began)
    singles = []
    for _ in range(SINGLES):
        began = time.perf_counter()
        side.single()
        singles.append(time.perf_counter() - began)
    p50, p99 = percentile(singles, 0.5) * 1e3, percentile(singles, 0.99) * 1e3
    print(f"{name}: {rate:.0f} jobs/s, single p50 {p50:.2f} ms p99 {p99:.2f} ms", flush=True)
    return rate, p50, p99


def where_the_time_goes(refit):
    """Means over single probes, by the times in the database: in line until granted, granted until ended, and the rest."""
    at = lambda text: time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) + float("0" + (text[19:-1] or ".0"))  # noqa: E731
    parts = []
    for _ in range(SINGLES):
        began = time.perf_counter()
        job = refit.single()
        whole = time.perf_counter() - began
        entered, started, ended = (at(job[key]) for key in ("enqueued_at", "started_at", "ended_at"))
        parts.append((started - entered, ended - started, whole - (ended - entered)))
    to_grant, to_end, rest = (statistics.median(part) * 1e3 for part in zip(*parts))
    print(f"a probe's time: {to_grant:.2f} ms from the request to the grant, {to_end:.2f} ms to its recorded end, {rest:.2f} ms around them (the last commit, HTTP)")


def main():
    provision("Celery", SITE, PINS)
    sys.path[:0] = [str(SITE), str(ROOT / "tests" / "bench")]
    print(f"{JOBS} jobs, 2 slots and 2 processes, {os.cpu_count()} CPUs; medians of {RUNS} runs")
    figures = {"Refit": [], "Celery": [], "Refit, embedded": []}
    sides = {"Refit": lambda: Refit(False), "Celery": Celery, "Refit, embedded": lambda: Refit(True)}
    for turn in range(RUNS):
        for name, start in sides.items():
            side = start()
            try:
                figures[name].append(measured(f"run {turn + 1}: {name}", side))
                if name == "Refit" and turn == 0:
                    where_the_time_goes(side)
            finally:
                side.stop()
    median = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in figures.items()}
    ours, theirs, embedded = median["Refit"], median["Celery"], median["Refit, embedded"]
    compare("queue_throughput", "jobs/s", ours[0], theirs[0], 0)
    compare("queue_throughput_embedded", "jobs/s", embedded[0], theirs[0], 0)
    compare("queue_latency_p50", "ms", ours[1], theirs[1], 2)
    compare("queue_latency_p99", "ms", ours[2], theirs[2], 2)
    compare("queue_latency_p50_embedded", "ms", embedded[1], theirs[1], 2)
    watching.main()


if __name__ == "__main__":
    main()
