"""What it costs to be watched: probes a second with 200 listeners on `/events`, with a collector that takes telemetry, and with one
that is away, each against a coordinator that nobody watches. Part of `make bench-queue`; alone it needs no Celery.

The sides take turns, and each ratio is the median of those within a turn: what else the machine does is the same for both.
"""

import http.server
import multiprocessing
import os
import selectors
import socket
import statistics
import sys
import time

from installation import Refit

JOBS, WARM, TURNS, LISTENERS = 10_000, 2_000, int(os.environ.get("REFIT_BENCH_RUNS", "3")), 200


def listen(port, count, ready, stop, heard):
    """Reads all that `count` listeners are sent, in a process of its own; says how much that was, and the ends the first one heard."""
    selector, buffer, sizes, ends = selectors.DefaultSelector(), bytearray(1 << 18), [0] * count, 0
    for number in range(count):
        stream = socket.create_connection(("127.0.0.1", port))
        stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        if not stream.recv(1 << 16).startswith(b"HTTP/1.1 200"):
            sys.exit("bench: a listener was refused")
        stream.setblocking(False)
        selector.register(stream, selectors.EVENT_READ, number)
    ready.set()
    while not stop.is_set():
        for key, _ in selector.select(0.1):
            size = key.fileobj.recv_into(buffer)
            sizes[key.data] += size
            if key.data == 0:
                ends += buffer[:size].count(b'"completed"')
    heard.put((sizes, ends))


class Listeners:
    """Somebody watches."""

    def __init__(self, port):
        context = multiprocessing.get_context("spawn")
        ready, self.stopping, self.heard = context.Event(), context.Event(), context.Queue()
        self.process = context.Process(target=listen, args=(port, LISTENERS, ready, self.stopping, self.heard))
        self.process.start()
        if not ready.wait(60):
            sys.exit("bench: the listeners cannot be started")

    def stop(self, jobs):
        self.stopping.set()
        sizes, ends = self.heard.get(timeout=60)
        self.process.join()
        if min(sizes) < 100 * jobs or ends < 0.99 * jobs:
            sys.exit(f"bench: of {jobs} jobs {ends} ends were heard, and one listener was told {min(sizes)} bytes")
        print(f"  {LISTENERS} listeners were told {sum(sizes) / 2**20:.0f} MiB", flush=True)


def collect(port):
    """Takes OTLP over HTTP and forgets it."""

    class Collector(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Collector).serve_forever()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def rate(settings=(), listeners=False):
    """Probes a second through a coordinator and a worker of two slots, on the services."""
    refit = Refit(False, settings=settings)
    try:
        refit.many(WARM)
        watching = Listeners(refit.port) if listeners else None
        began = time.perf_counter()
        refit.many(JOBS)
        seconds = time.perf_counter() - began
        if watching:
            # The last round is told a moment after the last end.
            time.sleep(1)
            watching.stop(JOBS)
        return JOBS / seconds
    finally:
        refit.stop()


def main():
    port = free_port()
    collector = multiprocessing.get_context("spawn").Process(target=collect, args=(port,), daemon=True)
    collector.start()
    telemetry = lambda port: {"REFIT_TELEMETRY__ENDPOINT": f"http://127.0.0.1:{port}"}  # noqa: E731
    sides = {
        "unwatched": rate,
        "watched_by_200": lambda: rate(listeners=True),
        "telemetry_taken": lambda: rate(telemetry(port)),
        "telemetry_away": lambda: rate(telemetry(free_port())),
    }
    turns = []
    for turn in range(TURNS):
        turns.append({name: side() for name, side in sides.items()})
        print(f"turn {turn + 1}: " + ", ".join(f"{name} {figure:.0f} jobs/s" for name, figure in turns[-1].items()), flush=True)
    collector.terminate()
    median = lambda name: statistics.median(turn[name] for turn in turns)  # noqa: E731
    for name in list(sides)[1:]:
        ratio = statistics.median(turn[name] / turn["unwatched"] for turn in turns)
        print(f"bench: {name} {median(name):.0f} jobs/s, unwatched {median('unwatched'):.0f} jobs/s, ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
