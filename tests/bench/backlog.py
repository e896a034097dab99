"""`make bench-backlog`: the rate at which jobs leave a line of a million, against a line of a thousand, and the coordinator's memory.

The rows are copied in the database (putting them in is not what is measured), so that 20,000 probes go through with a million, or
with a thousand, still waiting behind them. PostgreSQL, RabbitMQ and Redis of deploy/with-services.sh.
"""

import os
import pathlib
import statistics
import subprocess
import time
import uuid

from installation import Refit

JOBS, LONG, SHORT, RUNS = 20_000, 1_000_000, 1_000, int(os.environ.get("REFIT_BENCH_RUNS", "3"))
COLUMNS = "kind, pool, state, score, terms, enqueued_at, as_of, request, spec, data_rows, data_import, champion_seq, why"


def sql(refit, statement):
    psql = ["psql", "--quiet", "--tuples-only", "--no-align", "--dbname", os.environ["REFIT_TEST_POSTGRES"]]
    run = [*psql, "--command", f"SET search_path = {refit.corner.name}", "--command", statement]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()


def fill(refit, jobs):
    """Copies one probe, which waits in a pool that nobody serves, to so many places in the line; gives the id of number JOBS."""
    template = refit.ask("POST", "/probes", {"count": 1, "pool": "nobody"})["jobs"][0]
    prefix = uuid.uuid4().hex[:20]
    # Ids and places both follow the number.
    copied = COLUMNS.replace("pool", "'cpu'", 1)
    sql(
        refit,
        f"INSERT INTO jobs (id, order_key, {COLUMNS}) SELECT decode('{prefix}' || lpad(to_hex(n), 12, '0'), 'hex'), order_key + n / 1e6, {copied}"
        f" FROM jobs, generate_series(1, {jobs}) AS n WHERE id = decode('{template.replace('-', '')}', 'hex')",
    )
    # A line at rest: what the server does after so many insertions is not the cost of waiting.
    sql(refit, "VACUUM (ANALYZE) jobs")
    sql(refit, "CHECKPOINT")
    return str(uuid.UUID(f"{prefix}{JOBS:012x}"))


def memory(refit):
    """Resident memory of the coordinator, MiB."""
    status = pathlib.Path(f"/proc/{refit.processes[0].pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024


def drained(waiting):
    """Jobs per second with so many waiting behind them, and the coordinator's memory."""
    refit = Refit(False, worker=False)
    try:
        last = fill(refit, JOBS + waiting)
        refit.start_worker()
        began = time.perf_counter()
        while refit.ask("GET", f"/jobs/{last}?wait=30")["state"] != "completed":
            pass
        return JOBS / (time.perf_counter() - began), memory(refit)
    finally:
        refit.stop()


def main():
    runs = []
    for turn in range(RUNS):
        runs.append(drained(SHORT) + drained(LONG))
        short, short_memory, long, long_memory = runs[-1]
        print(f"run {turn + 1}: {SHORT:,} waiting {short:.0f} jobs/s, {short_memory:.0f} MiB; {LONG:,} waiting {long:.0f} jobs/s, {long_memory:.0f} MiB", flush=True)
    short, short_memory, long, long_memory = (statistics.median(column) for column in zip(*runs))
    print(f"bench: backlog_rate {long:.0f} jobs/s, a line of {SHORT:,} {short:.0f} jobs/s, ratio {long / short:.2f}")
    print(f"bench: backlog_memory {long_memory:.0f} MiB, a line of {SHORT:,} {short_memory:.0f} MiB, ratio {long_memory / short_memory:.2f}")


if __name__ == "__main__":
    main()
